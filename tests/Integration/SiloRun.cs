using System.Diagnostics;
using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Integration;

/// <summary>One run of a silo as a process of its own, like in production: what it says, and the signals that end or hold it.</summary>
public sealed class SiloRun : IDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<(Func<string, bool> Predicate, TaskCompletionSource<string> Line)> _awaited = [];
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process _process;

    /// <param name="environment">Settings, as environment variables.</param>
    public SiloRun(IReadOnlyDictionary<string, string?> environment)
        : this(StartOf(environment))
    {
    }

    /// <param name="start">The command that becomes a silo.</param>
    public SiloRun(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.Exited += (_, _) => _exited.TrySetResult();
        _process.OutputDataReceived += (_, line) => Accept(line.Data);
        _process.ErrorDataReceived += (_, line) => Accept(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The id of the process.</summary>
    public int Id => _process.Id;

    /// <summary>Whether the process is there no more.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The exit code of a process that has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>What the silo has said so far on standard output and standard error, line by line.</summary>
    public IReadOnlyList<string> Output
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>The first line of output, said already or still to come, that a predicate holds for.</summary>
    /// <param name="predicate">The predicate.</param>
    /// <param name="after">How many lines of <see cref="Output"/> are not looked at.</param>
    public Task<string> LineAsync(Func<string, bool> predicate, int after = 0)
    {
        lock (_gate)
        {
            if (_lines.Skip(after).FirstOrDefault(predicate) is { } line)
            {
                return Task.FromResult(line);
            }

            var awaited = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((predicate, awaited));
            return awaited.Task;
        }
    }

    /// <summary>Completes when the silo watches both kinds; fails where it ends instead.</summary>
    public Task WatchingAsync() => SaysAsync("Listed every ecrrepository", "Listed every awsprovider");

    /// <summary>Completes when the silo has said all of this; fails where it ends instead.</summary>
    public async Task SaysAsync(params string[] words)
    {
        var said = Task.WhenAll(words.Select(each => LineAsync(line => line.Contains(each, StringComparison.Ordinal))));
        var first = await Task.WhenAny(said, _exited.Task).WaitAsync(StartDeadline);
        Assert.True(first == said, $"The silo ended before it said {string.Join(", ", words)}: {LastWords()}");
    }

    /// <summary>Sends a signal, by its name without SIG.</summary>
    public async Task SignalAsync(string name)
    {
        using var signal = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        await signal.WaitForExitAsync();
    }

    /// <summary>Holds the process where it stands; nothing of it runs any longer when this completes.</summary>
    public async Task HoldAsync()
    {
        await SignalAsync("STOP");
        while (!Directory.EnumerateDirectories($"/proc/{_process.Id}/task").All(IsHeld))
        {
            await Task.Yield();
        }

        static bool IsHeld(string thread)
        {
            var line = File.ReadAllText(Path.Combine(thread, "stat"));
            return line[line.LastIndexOf(')') + 2] is 'T';
        }
    }

    /// <summary>Lets a process that is held go on.</summary>
    public Task ReleaseAsync() => SignalAsync("CONT");

    /// <summary>Ends the process as a machine that loses its power would, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>Waits for the end of a process that ends by itself.</summary>
    public Task ExitAsync() => _process.WaitForExitAsync().WaitAsync(StartDeadline);

    /// <summary>Ends the process as a kubelet does, by SIGTERM.</summary>
    public async Task StopAsync()
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"The silo ended by itself, with exit code {_process.ExitCode}, before it was asked to.");
        }

        await SignalAsync("TERM");
        using var deadline = new CancellationTokenSource(StopDeadline);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
            throw new TimeoutException($"The silo did not end within {StopDeadline.TotalSeconds:0} seconds of SIGTERM.");
        }
    }

    /// <summary>What it said last.</summary>
    public string LastWords() => string.Join('\n', Output.TakeLast(20));

    /// <summary>Ends a process that is still there, whatever it does.</summary>
    /// <exception cref="InvalidOperationException">The silo said a secret.</exception>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        if (Output.FirstOrDefault(static line => PlantedSecrets.FoundIn(line).Any()) is { } line)
        {
            throw new InvalidOperationException($"The silo said a secret: {line}");
        }
    }

    private void Accept(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_gate)
        {
            _lines.Add(line);
            foreach (var (_, awaited) in _awaited.Where(awaited => awaited.Predicate(line)))
            {
                awaited.TrySetResult(line);
            }

            _awaited.RemoveAll(awaited => awaited.Line.Task.IsCompleted);
        }
    }

    private static ProcessStartInfo StartOf(IReadOnlyDictionary<string, string?> environment)
    {
        var start = new ProcessStartInfo("dotnet", [SiloAssembly()]) { WorkingDirectory = AppContext.BaseDirectory };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    /// <summary>The silo of the same build (configuration and framework) as this suite.</summary>
    private static string SiloAssembly()
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(CustomResourceDefinitions.SourceRoot, "src", "Silo", "bin", framework.Parent!.Name, framework.Name, "InfraOperator.Silo.dll");
    }
}
