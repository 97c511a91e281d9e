namespace InfraOperator.Abstractions;

/// <summary>Whether an object may have a repository.</summary>
/// <param name="IsAdmitted">Whether it may.</param>
/// <param name="Others">How many other objects of the namespace have one, or may make one at any time.</param>
/// <param name="Unknown">Why that cannot be told now; null where it can.</param>
[GenerateSerializer, Immutable, Alias("infra.v1.Admission")]
public sealed record Admission(
    [property: Id(0)] bool IsAdmitted,
    [property: Id(1)] int Others,
    [property: Id(2)] string? Unknown = null);
