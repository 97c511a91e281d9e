using System.Diagnostics;

namespace InfraOperator.Integration.Document;

/// <summary>What a command line came to.</summary>
public sealed record ShellResult(string Command, int ExitCode, string Output, string Errors)
{
    /// <summary>Standard output of a command that must succeed.</summary>
    public string Success => ExitCode == 0 ? Output : throw new InvalidOperationException($"{Command}\nexited {ExitCode}: {Errors}{Output}");
}

/// <summary>Runs command lines by bash, in a folder, with the kubectl of the PATH pointed at the API server of this run.</summary>
public sealed class Shell(string folder)
{
    public string Folder => folder;

    public async Task<ShellResult> RunAsync(string command, string? input = null)
    {
        using var process = Start(command);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
        }

        process.StandardInput.Close();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Eventually.Deadline);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{command}\ndid not end within {Eventually.Deadline.TotalSeconds:0} seconds.");
        }

        return new(command, process.ExitCode, await output, await errors);
    }

    /// <summary>The lines of a command that does not end by itself. It is killed when no more of them are read.</summary>
    public async IAsyncEnumerable<string> FollowAsync(string command)
    {
        using var process = Start(command);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Eventually.Deadline);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
            {
                yield return line;
            }
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private Process Start(string command)
    {
        var start = new ProcessStartInfo("bash", ["-o", "pipefail", "-c", command])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["KUBECONFIG"] = IntegrationEnvironment.Kubeconfig },
        };
        return Process.Start(start)!;
    }
}
