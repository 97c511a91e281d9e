using System.Diagnostics;

namespace InfraOperator.Integration;

/// <summary>Restarts the API server of <c>KUBECONFIG</c>: same address, same data. Nobody else may use it meanwhile.</summary>
public static class ApiServerRestart
{
    /// <summary>Runs the command in <c>INTEGRATION_RESTART_COMMAND</c> to its end.</summary>
    /// <param name="flags">Flags of the API server, from now on.</param>
    public static async Task RunAsync(params string[] flags)
    {
        var command = Require("INTEGRATION_RESTART_COMMAND", "a command that restarts the API server of KUBECONFIG");
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", $"{command} \"$@\"", "restart", .. flags]))!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>An environment variable that such tests need.</summary>
    public static string Require(string name, string meaning) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
            ? value
            : throw new InvalidOperationException($"{name} is not set. The disruptive tests need it: {meaning}.");
}
