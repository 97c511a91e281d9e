namespace InfraOperator.Benchmarks;

/// <summary>What may be chosen on the command line.</summary>
/// <param name="Objects">How many objects are made one at a time, and how many in the burst.</param>
internal sealed record Arguments(int Objects = 100)
{
    public static Arguments Parse(string[] args) => args switch
    {
        [] => new(),
        ["--objects", var text] when int.TryParse(text, out var objects) && objects is >= 3 and <= 100_000 => new(objects),
        _ => throw new BenchmarkException($"'{string.Join(' ', args)}' is not understood; there is --objects N, 3 to 100000."),
    };
}

/// <summary>The benchmark cannot be carried out. The message says why.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
