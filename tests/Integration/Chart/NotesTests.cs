using System.Text.Json.Nodes;

namespace InfraOperator.Integration.Chart;

/// <summary>What a person reads after an installation.</summary>
public sealed class NotesTests
{
    [Fact]
    public async Task They_say_how_to_see_it_work()
    {
        var notes = await RenderAsync([]);

        Assert.Contains("installed as cluster 'suite'", notes, StringComparison.Ordinal);
        Assert.Contains("kubectl -n infra-operator-system rollout status deployment/infra-operator-controller-manager", notes, StringComparison.Ordinal);
        Assert.Contains("system:serviceaccount:infra-operator-system:infra-operator-controller-manager", notes, StringComparison.Ordinal);
        Assert.DoesNotContain("WARNING", notes, StringComparison.Ordinal);
        Assert.DoesNotContain("NOTE", notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Their_objects_are_accepted_where_they_are_watched()
    {
        await CustomResourceDefinitions.EnsureAppliedAsync();
        var notes = await RenderAsync(Release.Values("watchNamespaces: [default, team-a]"));
        Assert.Contains("It watches the namespaces default, team-a.", notes, StringComparison.Ordinal);

        var manifests = notes.Split("<<YAML\n")[1].Split("  YAML\n")[0];
        var objects = manifests.Split("  ---\n").Select(part => (JsonObject)Document.YamlText.Parse(part)).ToArray();

        Assert.Equal(["AWSProvider", "ECRRepository"], objects.Select(item => (string?)item["kind"]));
        using var server = new RawApiServer();
        foreach (var item in objects)
        {
            _ = (await server.PostYamlAsync($"{CustomResourceDefinitions.PathOf((string)item["kind"]!, "default")}?dryRun=All&fieldValidation=Strict", item.ToJsonString())).Success;
        }
    }

    [Theory]
    [InlineData("replicaCount: 1", "NOTE: there is one silo")]
    [InlineData("networkPolicy: {enabled: false}", "WARNING: the network policy is off")]
    [InlineData("operator: {awsEndpointUrl: 'http://localstack:4566'}", "WARNING: AWS is replaced by http://localstack:4566")]
    public async Task They_warn_of_what_may_not_be_meant(string values, string warning) =>
        Assert.Contains(warning, await RenderAsync(Release.Values(values)), StringComparison.Ordinal);

    /// <summary>Nothing but an installation prints the notes, so a copy of the chart renders them as an object.</summary>
    private static async Task<string> RenderAsync(JsonObject values)
    {
        values.TryAdd("clusterId", "suite");
        var chart = Directory.CreateTempSubdirectory("chart-");
        try
        {
            foreach (var name in new[] { "Chart.yaml", "values.yaml" })
            {
                File.Copy(Path.Combine(ChartFiles.Folder, name), Path.Combine(chart.FullName, name));
            }

            var templates = chart.CreateSubdirectory("templates").FullName;
            foreach (var (name, text) in ChartFiles.Templates.Where(template => template.Key.StartsWith('_')))
            {
                await File.WriteAllTextAsync(Path.Combine(templates, name), text, TestContext.Current.CancellationToken);
            }

            await File.WriteAllTextAsync(Path.Combine(templates, "_notes.tpl"), $"{{{{- define \"notes\" -}}}}\n{ChartFiles.Templates["NOTES.txt"]}{{{{- end }}}}\n", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(templates, "notes.yaml"), "kind: Notes\ntext: {{ include \"notes\" . | toJson }}\n", TestContext.Current.CancellationToken);
            return (string)new Release(await HelmTemplate.RunAsync(chart.FullName, Release.DefaultName, Release.DefaultNamespace, values)).Only("Notes")["text"]!;
        }
        finally
        {
            chart.Delete(recursive: true);
        }
    }
}
