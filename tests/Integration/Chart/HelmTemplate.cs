using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace InfraOperator.Integration.Chart;

/// <summary>
/// Renders a chart: by the program that the environment variable HELM_TEMPLATE names, which is called like <c>helm template</c>, or by
/// the helm of the PATH.
/// </summary>
internal static class HelmTemplate
{
    private static readonly string? Program = Environment.GetEnvironmentVariable("HELM_TEMPLATE") is { Length: > 0 } given ? given : null;

    /// <summary>What a rendering that has to succeed says.</summary>
    public static async Task<string> RunAsync(string chart, string release, string @namespace, JsonObject values)
    {
        var (code, output, errors) = await TryAsync(chart, release, @namespace, values);
        Assert.True(code == 0, $"The chart does not render: {errors}");
        return output;
    }

    /// <summary>Standard error of a rendering that has to fail.</summary>
    public static async Task<string> RefusalAsync(string chart, string release, string @namespace, JsonObject values)
    {
        var (code, output, errors) = await TryAsync(chart, release, @namespace, values);
        Assert.True(code != 0, $"The chart rendered: {output}");
        return errors;
    }

    private static async Task<(int Code, string Output, string Errors)> TryAsync(string chart, string release, string @namespace, JsonObject values)
    {
        // JSON is YAML, and says exactly which type a value has.
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, values.ToJsonString(), TestContext.Current.CancellationToken);
        string[] arguments = [release, chart, "-n", @namespace, "-f", file];
        var start = new ProcessStartInfo(Program ?? "helm", Program is null ? ["template", .. arguments] : arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, await output, await errors);
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException("The tests of the chart need helm on the PATH, or HELM_TEMPLATE to name a program that is called like 'helm template'.", exception);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
