using System.Diagnostics;

namespace InfraOperator.Integration.Crds;

/// <summary>The <c>kubectl</c> of the PATH against the API server of this run.</summary>
internal static class Kubectl
{
    /// <summary>Standard output of a command that must succeed.</summary>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("kubectl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = IntegrationEnvironment.Kubeconfig;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"kubectl {string.Join(' ', arguments)} exited {process.ExitCode}: {await errors}");
        return await output;
    }
}
