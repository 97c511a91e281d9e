using System.Text.Json.Nodes;

namespace InfraOperator.Integration.Document;

/// <summary>The document's commands that look: get, describe, watch, logs.</summary>
public sealed class KubectlReadTests(DocumentFixture fixture) : DocumentTest(fixture)
{
    private const string Uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

    [DocumentLine("kubectl get awsprovider")]
    public async Task Providers_are_listed_with_account_and_readiness()
    {
        var rows = KubectlTable.Parse((await RunAsync()).Success);

        Assert.Equal(["localstack", "production-aws"], rows.Keys.Order());
        Assert.All(rows.Values, row =>
        {
            Assert.Equal(["NAME", "REGION", "ACCOUNT", "READY", "REPOSITORIES", "AGE"], row.Keys);
            Assert.Equal(("us-east-1", "123456789012", "True"), (row["REGION"], row["ACCOUNT"], row["READY"]));
        });
    }

    [DocumentLine("kubectl describe awsprovider production-aws")]
    public async Task A_provider_says_who_it_acts_as()
    {
        var text = (await RunAsync()).Success;

        Assert.Matches(@"Account ID: +123456789012\n", text);
        Assert.Matches(@"Caller Identity: +arn:aws:sts::123456789012:assumed-role/infra-operator-role/", text);
        Assert.Matches(@"Ready: +true\n", text);
        Assert.Matches(@"Events:\n(.*\n)* +Normal +Available .* acts as arn:aws:sts::", text);
    }

    [DocumentLine("kubectl get ecrrepositories")]
    public async Task Every_repository_of_the_document_is_listed_as_Ready()
    {
        var repositories = DocumentObjects.All.Values.Where(item => (string?)item["kind"] == "ECRRepository").ToArray();
        await Fixture.EnsureAsync([.. repositories.Select(item => (string)item["metadata"]!["name"]!)]);

        var rows = KubectlTable.Parse((await RunAsync()).Success);

        Assert.All(repositories, item =>
        {
            var row = rows[(string)item["metadata"]!["name"]!];
            var name = (string)item["spec"]!["repositoryName"]!;
            Assert.Equal(["NAME", "REPOSITORY", "URI", "IMAGES", "READY", "AGE"], row.Keys);
            Assert.Equal((name, $"{Uri}/{name}", "True"), (row["REPOSITORY"], row["URI"], row["READY"]));
            Assert.True(int.TryParse(row["IMAGES"], out _), $"IMAGES is '{row["IMAGES"]}'.");
        });
    }

    [DocumentLine("kubectl describe ecrrepository e2e-app-images")]
    public Task The_first_repository_tells_of_its_creation() => AssertToldOfCreationAsync("e2e-app-images");

    [DocumentLine("kubectl describe ecrrepository secure-backend")]
    public Task A_repository_tells_of_its_creation() => AssertToldOfCreationAsync("app/backend-service");

    [DocumentLine("kubectl get ecrrepository e2e-app-images -o yaml")]
    public Task The_first_repository_as_yaml() => AssertYamlAsync("e2e-app-images");

    [DocumentLine("kubectl get ecrrepository secure-backend -o yaml")]
    public Task A_repository_as_yaml() => AssertYamlAsync("secure-backend");

    [DocumentLine("kubectl get ecrrepository secure-backend -w")]
    public async Task A_repository_is_seen_becoming_Ready()
    {
        // To be looked at before it is made, the object is held by the pause annotation until the watch is there.
        await Fixture.RemoveAsync("secure-backend");
        var held = DocumentObjects.All["secure-backend"].DeepClone();
        held["metadata"]!["annotations"] = new JsonObject { ["aws-infra-operator.runner.codes/paused"] = "true" };
        _ = (await Fixture.Shell.RunAsync("kubectl apply -f -", held.ToJsonString())).Success;

        var seen = new List<string>();
        await foreach (var line in Fixture.Shell.FollowAsync(Line().Text))
        {
            seen.Add(line);
            if (seen.Count == 2)
            {
                _ = (await Fixture.Shell.RunAsync("kubectl annotate ecrrepository secure-backend aws-infra-operator.runner.codes/paused-")).Success;
            }

            if (line.Split(' ').Contains("True"))
            {
                break;
            }
        }

        Assert.Matches("^NAME +REPOSITORY +URI +IMAGES +READY +AGE$", seen[0]);
        Assert.Matches(@"^secure-backend +app/backend-service +Unknown +\d+s$", seen[1]);
        Assert.Matches($@"^secure-backend +app/backend-service +{Uri}/app/backend-service +0 +True +\d+s$", seen[^1]);
        await Fixture.EnsureAsync("secure-backend");
    }

    /// <remarks>
    /// The API server of this run has no pods, so no logs: the command's own <c>tail</c> and <c>grep</c> run over what the silo's
    /// process wrote, which is what a container's log holds.
    /// </remarks>
    [DocumentLine("kubectl logs -n infra-operator-system deploy/infra-operator-controller-manager --tail=100 | grep -i ecr", Shows = "over the output of the silo's process")]
    public async Task The_log_of_a_reconcile_is_found_by_ecr()
    {
        await Fixture.EnsureAsync("app-backend");
        var said = Fixture.Silo.Output.Count;
        var sync = $"logs-{Guid.NewGuid():N}";
        _ = (await Fixture.Shell.RunAsync($"kubectl annotate ecrrepository app-backend force-sync={sync} --overwrite")).Success;
        await Fixture.HoldsAsync("app-backend", resource => ((string?)resource["status"]!["lastHandledForceSync"])?.StartsWith(sync, StringComparison.Ordinal) == true, "synchronised");
        await Fixture.Silo.LineAsync(line => line.Contains("app-backend", StringComparison.Ordinal), said).WaitAsync(Eventually.Deadline);

        var pipe = Line().Name.Split('|', 2)[1];
        var found = (await Fixture.Shell.RunAsync($"tail -n 100 | {pipe}", string.Join('\n', Fixture.Silo.Output))).Success;

        Assert.Matches(@"ecrrepository it/default/app-backend: InSync", found);
    }

    private async Task AssertYamlAsync(string name)
    {
        await Fixture.EnsureAsync(name);

        var resource = YamlText.Parse((await RunAsync()).Success);

        Assert.True(JsonNode.DeepEquals(DocumentObjects.All[name]["spec"], resource["spec"]), resource["spec"]!.ToJsonString());
        Assert.Equal($"{Uri}/{DocumentObjects.RepositoryName(name)}", (string?)resource["status"]!["repositoryUri"]);
        Assert.True((bool?)resource["status"]!["ready"]);
    }

    private async Task AssertToldOfCreationAsync(string repository) =>
        Assert.Matches($@"Events:\n +Type +Reason .*\n(.*\n)* +Normal +Created .* created repository '{repository}'\n", (await RunAsync()).Success);
}
