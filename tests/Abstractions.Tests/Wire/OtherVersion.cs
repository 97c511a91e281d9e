using System.Collections.Immutable;

namespace InfraOperator.Abstractions.Tests.Wire;

/// <summary>Messages as another version might have them. They stand under our aliases where that version writes or reads; see <see cref="VersionSkewTests"/>.</summary>
internal static class OtherVersion
{
    /// <summary><see cref="Abstractions.CallFailure"/> with members that today's version does not know, one of them of a type that it does not know.</summary>
    [GenerateSerializer, Immutable, Alias("test.later.CallFailure")]
    public sealed record LaterCallFailure
    {
        [Id(0)] public FailureKind Kind { get; init; }

        [Id(1)] public string Operation { get; init; } = "";

        [Id(2)] public string Message { get; init; } = "";

        [Id(3)] public bool OutcomeUnknown { get; init; }

        [Id(4)] public TimeSpan After { get; init; }

        [Id(5)] public string? RequestId { get; init; }

        [Id(6)] public LaterDetail? Detail { get; init; }

        [Id(7)] public ImmutableArray<LaterDetail> Details { get; init; } = [];

        [Id(8)] public ImmutableSortedDictionary<string, string>? Labels { get; init; }

        [Id(9)] public DateTimeOffset? At { get; init; }
    }

    /// <summary>What today's version has no type for.</summary>
    [GenerateSerializer, Immutable, Alias("test.later.Detail")]
    public sealed record LaterDetail
    {
        [Id(0)] public string? Text { get; init; }

        [Id(1)] public long Number { get; init; }
    }

    /// <summary><see cref="Abstractions.Observation"/> with a later member, and later members within.</summary>
    [GenerateSerializer, Immutable, Alias("test.later.Observation")]
    public sealed record LaterObservation
    {
        [Id(0)] public LaterCallFailure? Failure { get; init; }

        [Id(1)] public ObservedRepository? Repository { get; init; }

        [Id(2)] public ImmutableArray<LaterCallFailure> PartialFailures { get; init; } = [];

        [Id(3)] public object? Anything { get; init; }
    }

    /// <summary><see cref="Abstractions.ProviderView"/> before it had more than a state and a message.</summary>
    [GenerateSerializer, Immutable, Alias("test.earlier.ProviderView")]
    public sealed record EarlierProviderView
    {
        [Id(0)] public required ProviderState State { get; init; }

        [Id(1)] public string Message { get; init; } = "";
    }

    /// <summary>An action that today's version does not know.</summary>
    [GenerateSerializer, Immutable, Alias("test.later.Action")]
    public sealed record LaterAction
    {
        [Id(0)] public string? RepositoryName { get; init; }
    }
}
