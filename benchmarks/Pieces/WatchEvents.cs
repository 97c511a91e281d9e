using System.Buffers;
using BenchmarkDotNet.Attributes;
using InfraOperator.Abstractions;
using InfraOperator.Kubernetes.Watching;

namespace InfraOperator.Benchmarks.Pieces;

/// <summary>What it costs to read an event of the watch.</summary>
public class WatchEvents
{
    private static readonly EventLine Line = new(new ReadOnlySequence<byte>(Samples.Event), IsCut: false);

    private readonly WatchEventParser<ECRRepository> _parser = new(
        new(new(ApiNames.Group, ApiNames.Version, ECRRepository.Plural, ECRRepository.Kind), ResourceJson.ECRRepository, repository => new(repository.Metadata.Namespace, repository.Metadata.Name, repository.Metadata.Uid, repository.Metadata.ResourceVersion)),
        1 << 20);

    /// <summary>Refuses a sample that is no event.</summary>
    [GlobalSetup]
    public void Check()
    {
        if (Parse() is null)
        {
            throw new BenchmarkException("The sample event is none.");
        }
    }

    /// <summary>From the bytes of a line to the object.</summary>
    [Benchmark(Description = "parse a watch event of 3 KB with two policies")]
    public object? Parse() => _parser.Parse(Line).Resource.Value;
}
