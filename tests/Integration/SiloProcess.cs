using System.Diagnostics;
using InfraOperator.Integration;

[assembly: AssemblyFixture(typeof(SiloProcess))]

namespace InfraOperator.Integration;

/// <summary>
/// The one silo of the whole run, as a process like in production, against the servers of <see cref="IntegrationEnvironment"/>.
/// Two silos on one API server would reconcile the same objects, so every test class that needs one takes this fixture by its
/// constructor and awaits <see cref="EnsureStartedAsync"/>. In the end it is stopped as a kubelet does, by SIGTERM; a silo that
/// does not end cleanly fails the run.
/// </summary>
public sealed class SiloProcess : IAsyncDisposable
{
    /// <summary>The <c>clusterId</c> of the silo, as in its owner tags.</summary>
    public const string ClusterId = "it";

    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<(Func<string, bool> Predicate, TaskCompletionSource<string> Line)> _awaited = [];
    private readonly Lazy<Task> _started;
    private Process? _process;

    public SiloProcess() => _started = new(StartAsync);

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

    /// <summary>Applies the custom resource definitions, starts the silo where none runs yet, and completes when it watches both kinds.</summary>
    public Task EnsureStartedAsync() => _started.Value;

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

    public async ValueTask DisposeAsync()
    {
        if (_process is not { } process)
        {
            return;
        }

        using (process)
        {
            await EndAsync(process);
            await File.WriteAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "silo.log"), Output);
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"The silo ended with exit code {process.ExitCode}: {LastWords()}");
            }
        }
    }

    private static async Task EndAsync(Process process)
    {
        if (process.HasExited)
        {
            throw new InvalidOperationException($"The silo ended by itself, with exit code {process.ExitCode}, before it was asked to.");
        }

        using (var signal = Process.Start("kill", ["-TERM", $"{process.Id}"]))
        {
            await signal.WaitForExitAsync();
        }

        using var deadline = new CancellationTokenSource(StopDeadline);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"The silo did not end within {StopDeadline.TotalSeconds:0} seconds of SIGTERM.");
        }
    }

    private async Task StartAsync()
    {
        await CustomResourceDefinitions.EnsureAppliedAsync();

        // moto takes any token, and real web identities need a file to be read.
        var token = Path.Combine(AppContext.BaseDirectory, "web-identity-token");
        await File.WriteAllTextAsync(token, "a.b.c");

        var start = new ProcessStartInfo("dotnet", [SiloAssembly()])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
            Environment =
            {
                ["KUBECONFIG"] = IntegrationEnvironment.Kubeconfig,
                ["AWS_ENDPOINT_URL"] = IntegrationEnvironment.AwsEndpointUrl.ToString(),
                ["AWS_WEB_IDENTITY_TOKEN_FILE"] = token,
                ["Operator__ClusterId"] = ClusterId,
                ["Silo__Port"] = "0",
            },
        };
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var exited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.Exited += (_, _) => exited.TrySetResult();
        _process.OutputDataReceived += (_, line) => Accept(line.Data);
        _process.ErrorDataReceived += (_, line) => Accept(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        var watching = Task.WhenAll(LineAsync(Says("Listed every ecrrepository")), LineAsync(Says("Listed every awsprovider")));
        var first = await Task.WhenAny(watching, exited.Task).WaitAsync(StartDeadline);
        Assert.True(first == watching, $"The silo ended at its start: {LastWords()}");

        static Func<string, bool> Says(string words) => line => line.Contains(words, StringComparison.Ordinal);
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

    private string LastWords() => string.Join('\n', Output.TakeLast(20));

    /// <summary>The silo of the same build (configuration and framework) as this suite.</summary>
    private static string SiloAssembly()
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(CustomResourceDefinitions.SourceRoot, "src", "Silo", "bin", framework.Parent!.Name, framework.Name, "InfraOperator.Silo.dll");
    }
}
