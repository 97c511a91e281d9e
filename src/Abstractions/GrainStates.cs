using System.Collections.Immutable;

namespace InfraOperator.Abstractions;

/// <summary>What an <see cref="IRepositoryGrain"/> takes along when it moves to another silo.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.RepositoryGrainState")]
public sealed record RepositoryGrainState
{
    /// <summary>The newest version of the object that it knows.</summary>
    [Id(0)] public required ECRRepository Latest { get; init; }

    /// <summary>The round of announcements in which it was told of it.</summary>
    [Id(1)] public long? Round { get; init; }

    /// <summary>In what time it would have looked again; null: only when something changes.</summary>
    [Id(2)] public TimeSpan? DueIn { get; init; }

    /// <summary>How many tries in a row did not come to their end.</summary>
    [Id(3)] public int Attempt { get; init; }

    /// <summary>Whether the provider changed since it last came to its end.</summary>
    [Id(4)] public bool ProviderChanged { get; init; }

    /// <summary>The version of the provider that it went by last.</summary>
    [Id(6)] public string? ProviderSeen { get; init; }

    /// <summary>Who is to be woken when its object ends.</summary>
    [Id(5)] public ImmutableArray<ResourceKey> Followers { get; init; } = [];
}

/// <summary>
/// What an <see cref="IProviderGrain"/> takes along when it moves to another silo. Its keys are not: on the other silo they are
/// read from the Secret, and the identity is proven anew.
/// </summary>
[GenerateSerializer, Immutable, Alias("infra.v1.ProviderGrainState")]
public sealed record ProviderGrainState
{
    /// <summary>The newest version of the object that it knows; null where it knows none.</summary>
    [Id(0)] public AWSProvider? Latest { get; init; }

    /// <summary>The round of announcements in which it was told of it.</summary>
    [Id(1)] public long? Round { get; init; }

    /// <summary>The version whose meaning its repositories know.</summary>
    [Id(2)] public AWSProvider? Served { get; init; }

    /// <summary>Its repositories.</summary>
    [Id(3)] public ImmutableArray<ResourceKey> Dependents { get; init; } = [];

    /// <summary>The repositories that they name in AWS, in the same order; null where one is not swept.</summary>
    [Id(6)] public ImmutableArray<string?> RepositoryNames { get; init; } = [];

    /// <summary>Those of them that wait for it to be usable.</summary>
    [Id(4)] public ImmutableArray<ResourceKey> Waiting { get; init; } = [];

    /// <summary>Those of them whose deletion is held.</summary>
    [Id(5)] public ImmutableArray<ResourceKey> Held { get; init; } = [];
}
