using System.Collections.Immutable;

namespace InfraOperator.Abstractions;

/// <summary>AWS operations that are taken to share a limit. AWS publishes none; it throttles by account, region and operation.</summary>
public enum OperationClass
{
    /// <summary>What may tell of many: DescribeRepositories, DescribeImages.</summary>
    List,

    /// <summary>What tells of one repository: its policies, its tags.</summary>
    Read,

    /// <summary>What changes something.</summary>
    Write,

    /// <summary>Previews of lifecycle policies.</summary>
    Preview,

    /// <summary>GetResources of the tagging API, which is a service of its own.</summary>
    Tagging,
}

/// <summary>What a provider's calls came to since its last report, and how fast it would go on.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Classes">The classes in which it called, or waits.</param>
[GenerateSerializer, Immutable, Alias("infra.v1.PaceReport")]
public sealed record PaceReport(
    [property: Id(0)] ResourceKey Provider,
    [property: Id(1)] ImmutableArray<ClassReport> Classes);

/// <summary>The calls of one class.</summary>
/// <param name="Class">The class.</param>
/// <param name="Served">How many calls were answered otherwise than by a throttle.</param>
/// <param name="Throttled">How many calls were throttled.</param>
/// <param name="IsPressed">Whether a call waited because of the rate, and not of anything else.</param>
/// <param name="KnownRate">The account's rate as the provider was told last, for a grain that has just begun; calls a second, 0 where it knows none.</param>
/// <param name="Demands">How fast the provider would call if it could.</param>
[GenerateSerializer, Immutable, Alias("infra.v1.ClassReport")]
public sealed record ClassReport(
    [property: Id(0)] OperationClass Class,
    [property: Id(1)] int Served,
    [property: Id(2)] int Throttled,
    [property: Id(3)] bool IsPressed,
    [property: Id(4)] double KnownRate,
    [property: Id(5)] ImmutableArray<PaceDemand> Demands);

/// <summary>How fast calls would be made for a namespace if they could.</summary>
/// <param name="Namespace">The namespace of the objects on whose behalf.</param>
/// <param name="IsBackground">Whether nothing is known to differ: sweeps and comparisons.</param>
/// <param name="Rate">Calls a second.</param>
[GenerateSerializer, Immutable, Alias("infra.v1.PaceDemand")]
public sealed record PaceDemand(
    [property: Id(0)] string Namespace,
    [property: Id(1)] bool IsBackground,
    [property: Id(2)] double Rate);

/// <summary>How fast a provider may call.</summary>
/// <param name="Classes">By class.</param>
[GenerateSerializer, Immutable, Alias("infra.v1.PaceGrant")]
public sealed record PaceGrant([property: Id(0)] ImmutableArray<ClassGrant> Classes);

/// <summary>How fast a provider may make the calls of one class.</summary>
/// <param name="Class">The class.</param>
/// <param name="AccountRate">The rate of the whole account, in calls a second.</param>
/// <param name="Rate">The provider's part of it, in calls a second.</param>
/// <param name="Shares">The namespaces' parts of the provider's. What they leave is for whoever comes.</param>
[GenerateSerializer, Immutable, Alias("infra.v1.ClassGrant")]
public sealed record ClassGrant(
    [property: Id(0)] OperationClass Class,
    [property: Id(1)] double AccountRate,
    [property: Id(2)] double Rate,
    [property: Id(3)] ImmutableArray<PaceShare> Shares);

/// <summary>A namespace's part of a provider's rate.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Rate">Calls a second.</param>
[GenerateSerializer, Immutable, Alias("infra.v1.PaceShare")]
public sealed record PaceShare(
    [property: Id(0)] string Namespace,
    [property: Id(1)] double Rate);
