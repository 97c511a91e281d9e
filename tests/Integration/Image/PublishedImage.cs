using System.Diagnostics;
using System.Runtime.InteropServices;
using InfraOperator.Conformance;

namespace InfraOperator.Integration.Image;

/// <summary>
/// What the image would hold, made without Docker: the files that the Dockerfile copies and <c>.dockerignore</c> lets in, and its
/// RUN in a folder that has only these. As in an image, the result belongs to root, and nobody may write to it.
/// </summary>
public sealed class PublishedImage : IAsyncLifetime
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("image-");

    /// <summary>What the image has under /app, for the architecture of this machine.</summary>
    public string App { get; private set; } = "";

    /// <summary>The same for the other one.</summary>
    public string OtherApp { get; private set; } = "";

    /// <summary>What of it somebody could change, which is nothing.</summary>
    public string Changeable { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var source = _root.CreateSubdirectory("source").FullName;
        CopyInto(source);
        var isArm = RuntimeInformation.OSArchitecture == Architecture.Arm64;
        App = await PublishAsync(source, isArm ? "arm64" : "amd64");
        OtherApp = await PublishAsync(source, isArm ? "amd64" : "arm64");

        // Others may look into a temporary folder only if that is said.
        await BashAsync("chmod 755 .", _root.FullName, []);
        await BashAsync("chmod -R a-w,a+rX .", App, []);
        Changeable = await BashAsync("find . -perm /222 -o ! -user root", App, []);
    }

    public async ValueTask DisposeAsync()
    {
        await BashAsync("chmod -R u+w .", _root.FullName, []);
        _root.Delete(recursive: true);
    }

    private static void CopyInto(string folder)
    {
        foreach (var copy in Dockerfile.Build.Of("COPY"))
        {
            foreach (var source in copy.Words.SkipLast(1))
            {
                var files = source.EndsWith('/') ? BuildContext.Files.Where(file => file.StartsWith(source, StringComparison.Ordinal)) : BuildContext.Files.Where(file => file == source);
                foreach (var file in files)
                {
                    // A folder's contents are copied, a file by its name.
                    var to = Path.Combine(folder, copy.Words[^1], source.EndsWith('/') ? file[source.Length..] : Path.GetFileName(file));
                    Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                    File.Copy(Path.Combine(SourceTree.Root, file), to);
                }
            }
        }
    }

    private async Task<string> PublishAsync(string source, string architecture)
    {
        var output = Path.Combine(_root.FullName, architecture);
        var command = Dockerfile.Build.Only("RUN").Arguments.Replace("/app", output, StringComparison.Ordinal);
        await BashAsync(command, source, new()
        {
            ["TARGETARCH"] = architecture,

            // No server may be left behind that holds the folder.
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["UseSharedCompilation"] = "false",
            ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
        });
        return output;
    }

    private static async Task<string> BashAsync(string command, string folder, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", command]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{command}\nexited {process.ExitCode}: {await errors}{await output}");
        return await output;
    }
}
