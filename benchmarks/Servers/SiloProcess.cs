using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>A silo in a process of its own, and what it logs.</summary>
internal sealed partial class SiloProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly ConcurrentDictionary<string, long> _reconciled = new();
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _listed;
    private long _serving;
    private string? _url;

    private SiloProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, received) => Take(received.Data ?? "");
        _process.ErrorDataReceived += (_, received) => Take(received.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>How much of the machine's memory the process holds.</summary>
    public string ResidentMemory => $"{ResidentMegabytes:0} MB";

    /// <inheritdoc cref="ResidentMemory"/>
    public double ResidentMegabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1e6;
        }
    }

    /// <summary>How much time of the machine's processors the process has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Where it serves health and metrics.</summary>
    public Uri Url => new(_url!);

    /// <summary>How long it took from the start of the process until it was part of the cluster and served.</summary>
    public double StartMilliseconds => Stopwatch.GetElapsedTime(_started, _serving).TotalMilliseconds;

    /// <summary>When it last read every repository object, as the one that watches them does; 0 where it never did.</summary>
    public long Listed => Volatile.Read(ref _listed);

    /// <summary>Whether the process has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Starts a silo; it may not be ready yet.</summary>
    /// <param name="assembly">The path of InfraOperator.Silo.dll.</param>
    /// <param name="environment">Its settings, beside this process's own environment.</param>
    public static SiloProcess Start(string assembly, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet", [assembly]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new(Process.Start(start)!);
    }

    /// <summary>When the first reconcile of an object was logged; null if it was not yet.</summary>
    public long? Reconciled(string kind, string name) => _reconciled.TryGetValue($"{kind} {name}", out var at) ? at : null;

    /// <summary>Waits until the silo is part of the cluster.</summary>
    public Task UntilServingAsync(CancellationToken cancellationToken) => UntilAsync(() => Volatile.Read(ref _serving) > 0, "serve", cancellationToken);

    /// <summary>Waits until what came to be another silo's has been moved there.</summary>
    /// <param name="after">How many lines of the log are older.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task UntilMovedAsync(int after, CancellationToken cancellationToken) =>
        UntilAsync(() => _log.Skip(after).Any(line => line.Contains("objects have moved", StringComparison.Ordinal)), "move its objects", cancellationToken);

    /// <summary>How many lines it has logged.</summary>
    public int LogLength => _log.Count;

    /// <summary>Sends a signal, by its name without SIG.</summary>
    public async Task SignalAsync(string name, CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Waits until the process has ended.</summary>
    public Task ExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    /// <summary>Waits until the silo watches both kinds.</summary>
    public Task UntilWatchingAsync(CancellationToken cancellationToken) =>
        UntilAsync(() => _log.Count(line => line.Contains("Listed every", StringComparison.Ordinal)) >= 2, "watch", cancellationToken);

    /// <summary>Waits until a reconcile of each of some objects was logged.</summary>
    public Task UntilReconciledAsync(string kind, IReadOnlyCollection<string> names, CancellationToken cancellationToken) =>
        UntilAsync(() => names.All(name => Reconciled(kind, name) is not null), $"reconcile each {kind}", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private Task UntilAsync(Func<bool> condition, string what, CancellationToken cancellationToken) => Until.TrueAsync(
        () => _process.HasExited ? throw new BenchmarkException($"The silo ended:\n{string.Join('\n', _log.TakeLast(20))}") : condition(),
        $"the silo to {what}",
        cancellationToken);

    private void Take(string line)
    {
        _log.Enqueue(line);
        if (line.Contains("Listed every ecrrepository", StringComparison.Ordinal))
        {
            Volatile.Write(ref _listed, Stopwatch.GetTimestamp());
        }

        if (ServingLine().Match(line) is { Success: true, Groups: var serving })
        {
            _url = $"http://127.0.0.1:{serving["port"].Value}/";
            Volatile.Write(ref _serving, Stopwatch.GetTimestamp());
        }

        if (ReconciledLine().Match(line) is { Success: true, Groups: var groups })
        {
            _reconciled.TryAdd($"{groups["kind"].Value} {groups["name"].Value}", Stopwatch.GetTimestamp());
        }
    }

    [GeneratedRegex(@"Reconciled (?<kind>\w+) [^/ ]+/[^/ ]+/(?<name>[^ :]+)")]
    private static partial Regex ReconciledLine();

    [GeneratedRegex(@"Serving health on http://.*:(?<port>\d+)$")]
    private static partial Regex ServingLine();
}
