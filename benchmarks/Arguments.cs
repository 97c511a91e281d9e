using System.Globalization;

namespace InfraOperator.Benchmarks;

/// <summary>What may be chosen on the command line. Each benchmark has defaults of its own, and looks only at what it knows.</summary>
internal sealed record Arguments
{
    /// <summary>How they are written.</summary>
    public const string Usage = """
        [--objects N[,N...]]         how many objects there are, 1 to 100000; several are measured one after the other
        [--runs N]                   how often it is repeated, 1 to 100
        [--latency MS]               how long AWS takes for an answer, 0 to 60000 milliseconds
        [--policies N]               how many policies each object has, 0 to 2
        [--period 90s|5m|1h]         how often each object is compared with AWS
        [--sweeps N]                 for how many periods, 1 to 100
        [--rate N]                   how many calls a second AWS serves, and at once after a pause, 1 to 10000
        [--providers N]              how many providers of as many accounts there are, 1 to 100
        [--silos N[,N...]]           how many silos, 1 to 16
        [--setting NAME=VALUE]       an environment variable of every silo; may be given several times
        [--keep true|false]          whether the namespaces stay, as they may where the API server goes too
        [--restart-command 'C A']    a command that restarts the API server, and its arguments
        """;

    /// <summary>How many objects there are, for each measurement.</summary>
    public IReadOnlyList<int> Sizes { get; init; } = [100];

    /// <summary>How many objects there are, where there is one measurement.</summary>
    public int Objects => Sizes[0];

    /// <summary>How often each measurement is repeated.</summary>
    public int Runs { get; init; } = 1;

    /// <summary>How long AWS takes for an answer.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>How many policies each object has, 0 to 2.</summary>
    public int Policies { get; init; }

    /// <summary>How often each object is compared with AWS.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromHours(12);

    /// <summary>For how many periods objects are looked at.</summary>
    public int Sweeps { get; init; } = 3;

    /// <summary>How many calls a second AWS serves.</summary>
    public int Rate { get; init; } = 10;

    /// <summary>How many providers there are, each of an account of its own.</summary>
    public int Providers { get; init; } = 16;

    /// <summary>How many silos, for each measurement.</summary>
    public IReadOnlyList<int> Silos { get; init; } = [1, 2, 4];

    /// <summary>Environment variables of every silo, as <c>NAME=VALUE</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Whether the namespaces stay.</summary>
    public bool Keep { get; init; }

    /// <summary>A command that restarts the API server, and its arguments; empty: that is left out.</summary>
    public IReadOnlyList<string> RestartCommand { get; init; } = [];

    /// <summary>Reads a command line.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="defaults">What holds where it says nothing.</param>
    /// <exception cref="BenchmarkException">It is not understood.</exception>
    public static Arguments Parse(string[] args, Arguments defaults)
    {
        var parsed = defaults;
        foreach (var pair in args.Chunk(2))
        {
            parsed = pair switch
            {
                ["--objects", var text] when Numbers(text, 1, 100_000) is { } sizes => parsed with { Sizes = sizes },
                ["--runs", var text] when Number(text, 1, 100) is { } runs => parsed with { Runs = runs },
                ["--latency", var text] when Number(text, 0, 60_000) is { } latency => parsed with { Latency = TimeSpan.FromMilliseconds(latency) },
                ["--policies", var text] when Number(text, 0, 2) is { } policies => parsed with { Policies = policies },
                ["--period", var text] when Duration(text) is { } period => parsed with { Period = period },
                ["--sweeps", var text] when Number(text, 1, 100) is { } sweeps => parsed with { Sweeps = sweeps },
                ["--rate", var text] when Number(text, 1, 10_000) is { } rate => parsed with { Rate = rate },
                ["--providers", var text] when Number(text, 1, 100) is { } providers => parsed with { Providers = providers },
                ["--silos", var text] when Numbers(text, 1, 16) is { } silos => parsed with { Silos = silos },
                ["--setting", var text] when text.IndexOf('=', StringComparison.Ordinal) > 0 => parsed with { Settings = [.. parsed.Settings, text] },
                ["--keep", var text] when bool.TryParse(text, out var keep) => parsed with { Keep = keep },
                ["--restart-command", var text] => parsed with { RestartCommand = text.Split(' ', StringSplitOptions.RemoveEmptyEntries) },
                _ => throw new BenchmarkException($"'{string.Join(' ', pair)}' is not understood; there is:\n{Usage}"),
            };
        }

        return parsed;
    }

    private static int? Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : null;

    private static int[]? Numbers(string text, int least, int most) =>
        text.Split(',').Select(part => Number(part, least, most)).ToArray() is var numbers && numbers.All(number => number is not null) ? [.. numbers.OfType<int>()] : null;

    private static TimeSpan? Duration(string text) => text is not [.. var digits, var unit] || Number(digits, 1, 86_400) is not { } number ? null : unit switch
    {
        's' => TimeSpan.FromSeconds(number),
        'm' => TimeSpan.FromMinutes(number),
        'h' => TimeSpan.FromHours(number),
        _ => null,
    };
}

/// <summary>The benchmark cannot be carried out. The message says why.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
