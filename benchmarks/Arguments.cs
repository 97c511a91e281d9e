namespace InfraOperator.Benchmarks;

/// <summary>What may be chosen on the command line.</summary>
/// <param name="Objects">How many objects there are.</param>
/// <param name="Runs">How often each loss is repeated, where there are losses.</param>
/// <param name="RestartCommand">A command that restarts the API server, and its arguments; empty: that is left out.</param>
internal sealed record Arguments(int Objects, int Runs, string[] RestartCommand)
{
    /// <summary>How they are written.</summary>
    public const string Usage = "[--objects N] [--runs N] [--restart-command 'COMMAND ARGUMENTS']";

    /// <summary>Reads a command line.</summary>
    /// <exception cref="BenchmarkException">It is not understood.</exception>
    public static Arguments Parse(string[] args)
    {
        var parsed = new Arguments(100, 5, []);
        foreach (var pair in args.Chunk(2))
        {
            parsed = pair switch
            {
                ["--objects", var text] when int.TryParse(text, out var objects) && objects is >= 3 and <= 100_000 => parsed with { Objects = objects },
                ["--runs", var text] when int.TryParse(text, out var runs) && runs is >= 1 and <= 100 => parsed with { Runs = runs },
                ["--restart-command", var text] => parsed with { RestartCommand = text.Split(' ', StringSplitOptions.RemoveEmptyEntries) },
                _ => throw new BenchmarkException($"'{string.Join(' ', pair)}' is not understood; there is {Usage}: 3 to 100000 objects, 1 to 100 runs."),
            };
        }

        return parsed;
    }
}

/// <summary>The benchmark cannot be carried out. The message says why.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
