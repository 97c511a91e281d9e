using System.Text.Json.Nodes;

namespace InfraOperator.Grains.Tests.Perturbation;

/// <summary>Something that a person wants, from wishing to having.</summary>
/// <param name="Name">Part of the objects' names.</param>
internal sealed record Flow(string Name)
{
    /// <summary>What is there before.</summary>
    public Func<Subject, Task> Prepare { get; init; } = _ => Task.CompletedTask;

    /// <summary>What is done, each step when the one before has come true.</summary>
    public required IReadOnlyList<Step> Steps { get; init; }

    /// <summary>Waits until a state is told that a busy machine interrupts for moments, before the outcome is looked at.</summary>
    public Func<Subject, Task> Settles { get; init; } = _ => Task.CompletedTask;

    /// <summary>How it must come out.</summary>
    public required Outcome End { get; init; }

    /// <summary>How it may also come out where a fault was met or the machine is slow: without what is done with best effort only.</summary>
    public Outcome? OrElse { get; init; }

    /// <summary>Whether what changed is found only by a comparison, so that a new process, or who read what was before, finds it by the next.</summary>
    public bool IsFoundByComparison { get; init; }

    /// <summary>How the repository must come out once everything is taken out of the spec; null: not tried.</summary>
    public string? Stripped { get; init; }
}

/// <summary>One wish.</summary>
/// <param name="Wish">What a person does, or what somebody else does to AWS.</param>
/// <param name="Comes">Waits until it has come true, or is refused as it must be.</param>
internal sealed record Step(Func<Subject, Task> Wish, Func<Subject, Task> Comes)
{
    public static Step Patch(string spec) => new(subject => subject.PatchAsync(JsonNode.Parse(spec)!.AsObject()), subject => subject.UntilSyncedAsync());
}
