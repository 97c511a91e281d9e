using System.Collections.Concurrent;
using System.Diagnostics;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>A silo in a process of its own, and what it logs.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<(long At, string Line)> _log = new();

    private SiloProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, received) => Take(received.Data);
        _process.ErrorDataReceived += (_, received) => Take(received.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What the silo logged and when it was read, in order.</summary>
    public IEnumerable<(long At, string Line)> Log => _log;

    /// <summary>How much of the machine's memory the process holds, in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts a silo and returns when it watches both kinds.</summary>
    /// <param name="assembly">The path of InfraOperator.Silo.dll.</param>
    /// <param name="environment">Its settings, beside this process's own environment.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<SiloProcess> StartAsync(string assembly, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [assembly]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var silo = new SiloProcess(Process.Start(start)!);
        try
        {
            await Until.TrueAsync(
                () => silo._process.HasExited
                    ? throw new BenchmarkException($"The silo ended:\n{string.Join('\n', silo._log.TakeLast(20).Select(entry => entry.Line))}")
                    : silo._log.Count(entry => entry.Line.Contains("; watching", StringComparison.Ordinal)) >= 2,
                "the silo to watch",
                cancellationToken);
            return silo;
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is not null)
        {
            _log.Enqueue((Stopwatch.GetTimestamp(), line));
        }
    }
}
