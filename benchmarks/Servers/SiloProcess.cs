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

    private SiloProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, received) => Take(received.Data ?? "");
        _process.ErrorDataReceived += (_, received) => Take(received.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>How much of the machine's memory the process holds.</summary>
    public string ResidentMemory
    {
        get
        {
            _process.Refresh();
            return $"{_process.WorkingSet64 / 1e6:0} MB";
        }
    }

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

    /// <summary>Waits until the silo watches both kinds.</summary>
    public Task UntilWatchingAsync(CancellationToken cancellationToken) =>
        UntilAsync(() => _log.Count(line => line.Contains("Listed every", StringComparison.Ordinal)) >= 2, "watch", cancellationToken);

    /// <summary>Waits until a reconcile of each of some objects was logged.</summary>
    public Task UntilReconciledAsync(string kind, IReadOnlyCollection<string> names, CancellationToken cancellationToken) =>
        UntilAsync(() => names.All(name => Reconciled(kind, name) is not null), $"reconcile each {kind}", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
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
        if (ReconciledLine().Match(line) is { Success: true, Groups: var groups })
        {
            _reconciled.TryAdd($"{groups["kind"].Value} {groups["name"].Value}", Stopwatch.GetTimestamp());
        }
    }

    [GeneratedRegex(@"Reconciled (?<kind>\w+) [^/ ]+/[^/ ]+/(?<name>[^ :]+)")]
    private static partial Regex ReconciledLine();
}
