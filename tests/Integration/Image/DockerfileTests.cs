using System.Text.RegularExpressions;
using InfraOperator.Conformance;
using InfraOperator.Integration.Chart;

namespace InfraOperator.Integration.Image;

/// <summary>What can be said of the Dockerfile without building it.</summary>
public sealed partial class DockerfileTests
{
    [Fact]
    public void Base_images_are_of_a_version_and_a_distribution()
    {
        Assert.All(Dockerfile.Stages, stage => Assert.Matches(@"^mcr\.microsoft\.com/dotnet/(sdk|aspnet):10\.0(\.\d+)?-noble(-chiseled)?(@sha256:[0-9a-f]{64})?$", stage.BaseImage));
        Assert.DoesNotContain("latest", Dockerfile.Text, StringComparison.Ordinal);
        Assert.Equal(Dockerfile.Final.BaseImage, Dockerfile.Final.Pairs("LABEL")["org.opencontainers.image.base.name"]);
    }

    [Fact]
    public void The_build_runs_where_it_is_and_for_where_the_image_will_run()
    {
        Assert.Equal(["--platform=$BUILDPLATFORM"], Dockerfile.Build.From.Flags);
        Assert.Empty(Dockerfile.Final.From.Flags);
        Assert.Contains(Dockerfile.Build.Of("ARG"), argument => argument.Arguments == "TARGETARCH");
        Assert.Contains("--arch \"$TARGETARCH\"", Dockerfile.Build.Only("RUN").Arguments, StringComparison.Ordinal);
    }

    [Fact]
    public void The_user_is_the_charts_and_can_be_seen_not_to_be_root()
    {
        var security = ChartFiles.Values["podSecurityContext"]!;

        Assert.Equal($"{security["runAsUser"]}:{security["runAsGroup"]}", Dockerfile.Final.Only("USER").Arguments);
        Assert.DoesNotContain("0", Dockerfile.Final.Only("USER").Arguments.Split(':'));
    }

    [Fact]
    public void Nothing_is_fetched_and_nothing_is_run_in_what_is_shipped()
    {
        Assert.All(Dockerfile.Stages, stage => Assert.Empty(stage.Of("ADD")));
        Assert.Empty(Dockerfile.Final.Of("RUN"));
        Assert.DoesNotMatch(@"\b(curl|wget|apt-get|apk)\b", Dockerfile.Text);
    }

    [Fact]
    public void Only_what_was_published_is_shipped_and_belongs_to_root()
    {
        var copy = Dockerfile.Final.Only("COPY");

        Assert.Equal(["--from=build"], copy.Flags);
        Assert.Equal(["/app", "./"], copy.Words);
        Assert.Contains("--output /app", Dockerfile.Build.Only("RUN").Arguments, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_what_is_built_is_copied()
    {
        var copied = Dockerfile.Build.Of("COPY").SelectMany(copy => copy.Words.SkipLast(1)).ToArray();

        Assert.Equal(["Directory.Build.props", "Directory.Packages.props", "global.json", "src/"], copied);
        Assert.All(BuildContext.Files, file => Assert.Contains(copied, source => source == file || (source.EndsWith('/') && file.StartsWith(source, StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("src/Silo/bin/Debug/net10.0/InfraOperator.Silo.dll")]
    [InlineData("src/Silo/obj/project.assets.json")]
    [InlineData(".git/HEAD")]
    [InlineData(".git")]
    [InlineData("bin/a")]
    [InlineData("tests/Integration/Integration.csproj")]
    [InlineData("helm/infra-operator/values.yaml")]
    [InlineData(".sandbox/kubeconfig")]
    [InlineData("src/Sandbox/Program.cs")]
    public void What_is_not_built_does_not_get_into_the_build(string path) => Assert.False(BuildContext.Includes(path));

    [Fact]
    public void Everything_that_is_built_gets_into_the_build()
    {
        var projects = Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(SourceTree.Root, path))
            .Where(path => Path.GetFileName(path) != "Sandbox.csproj");

        Assert.Empty(projects.Except(BuildContext.Files));
    }

    [Fact]
    public void Labels_say_what_it_is_and_where_it_is_from()
    {
        var labels = Dockerfile.Final.Pairs("LABEL");

        Assert.All(["title", "description", "version", "revision", "created", "source", "base.name"], label => Assert.Contains($"org.opencontainers.image.{label}", labels.Keys));
        Assert.All(
            labels.Values.Where(value => value.StartsWith('$')),
            value => Assert.Contains(Dockerfile.Final.Of("ARG"), argument => argument.Arguments.Split('=')[0] == value[1..]));
    }

    [Fact]
    public void Image_chart_and_program_are_of_one_version()
    {
        var version = Version().Match(File.ReadAllText(Path.Combine(SourceTree.Root, "Directory.Build.props"))).Groups[1].Value;

        Assert.Contains(Dockerfile.Final.Of("ARG"), argument => argument.Arguments == $"VERSION={version}");
        Assert.Equal((version, version), ((string?)ChartFiles.Metadata["appVersion"], (string?)ChartFiles.Metadata["version"]));
    }

    [Fact]
    public async Task The_ports_are_the_charts()
    {
        var release = await Release.RenderAsync();

        Assert.Equal(
            release.Container["ports"]!.AsArray().Select(port => $"{port!["containerPort"]}").Order(StringComparer.Ordinal),
            Dockerfile.Final.Only("EXPOSE").Words.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_process_gets_the_signals_itself() =>
        // Without a shell between, which the image does not have either.
        Assert.Equal(["dotnet", "InfraOperator.Silo.dll"], Dockerfile.Final.Only("ENTRYPOINT").List);

    [GeneratedRegex("<Version>(.+)</Version>")]
    private static partial Regex Version();
}
