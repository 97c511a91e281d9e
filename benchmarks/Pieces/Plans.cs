using System.Collections.Immutable;
using BenchmarkDotNet.Attributes;
using InfraOperator.Grains.Planning;

namespace InfraOperator.Benchmarks.Pieces;

/// <summary>What it costs to find out what is to be done.</summary>
public class Plans
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Refuses samples that are not what their names say.</summary>
    [GlobalSetup]
    public void Check()
    {
        if (Settled() != 0 || Differing() != 3)
        {
            throw new BenchmarkException($"The samples plan {Settled()} and {Differing()} actions in place of none and three.");
        }
    }

    /// <summary>Of a repository that is as it should be: no action.</summary>
    [Benchmark(Description = "plan, in sync")]
    public int Settled() => Planner.Plan(Samples.Desired, new Sight.Present(Samples.Settled), Samples.Owned, Now).Actions.Length;

    /// <summary>Of a repository that differs in three things: an action for each.</summary>
    [Benchmark(Description = "plan, three differences")]
    public int Differing() => Planner.Plan(Samples.Desired, new Sight.Present(Samples.Differing), Samples.Owned, Now).Actions.Length;

    /// <summary>What the object asks for, with the policy's spelling.</summary>
    [Benchmark(Description = "what an object asks for")]
    public object Desired() => DesiredRepository.From(Object, Samples.Key, ImmutableSortedDictionary<string, string>.Empty);

    private static readonly Abstractions.ECRRepository Object = Samples.Repository();
}
