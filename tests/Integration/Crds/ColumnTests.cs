namespace InfraOperator.Integration.Crds;

/// <summary>What <c>kubectl get</c> and <c>kubectl get -o wide</c> show.</summary>
public sealed class ColumnTests(CrdFixture fixture) : IClassFixture<CrdFixture>
{
    private const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io";

    private const string Time = "\"lastTransitionTime\":\"2025-11-22T20:15:45Z\",\"message\":\"\"";

    [Fact]
    public async Task An_ECRRepository_in_columns()
    {
        _ = (await fixture.CreateAsync("ECRRepository", "columns", "{providerRef: {name: production-aws}, repositoryName: app/backend}")).Success;
        await PatchStatusAsync("ECRRepository", "columns", $$"""
            {
              "repositoryUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/app/backend", "imageCount": 3, "imageTagMutability": "IMMUTABLE",
              "drift": [{"field": "scanOnPush"}, {"field": "tags[Team]"}],
              "conditions": [{"type":"Ready","status":"True","reason":"Available",{{Time}}}, {"type":"Synced","status":"False","reason":"DriftDetected",{{Time}}}]
            }
            """);

        var (names, wide, cells) = await ReadAsync("ECRRepository", "columns");

        Assert.Equal(["Name", "Repository", "URI", "Images", "Ready", "Age"], names);
        Assert.Equal(["Provider", "Mutability", "Synced", "Reason", "Drift"], wide);
        Assert.Equal("app/backend", cells["Repository"]);
        Assert.Equal("123456789012.dkr.ecr.us-east-1.amazonaws.com/app/backend", cells["URI"]);
        Assert.Equal("3", cells["Images"]);
        Assert.Equal("True", cells["Ready"]);
        Assert.Equal("production-aws", cells["Provider"]);
        Assert.Equal("IMMUTABLE", cells["Mutability"]);
        Assert.Equal("False", cells["Synced"]);
        Assert.Equal("DriftDetected", cells["Reason"]);
        Assert.Equal("scanOnPush", cells["Drift"]);
    }

    [Fact]
    public async Task An_AWSProvider_in_columns()
    {
        _ = (await fixture.CreateAsync("AWSProvider", "columns", "{region: us-east-1}")).Success;
        await PatchStatusAsync("AWSProvider", "columns", $$"""
            {
              "accountID": "123456789012", "callerIdentity": "arn:aws:iam::123456789012:user/a", "endpoint": "http://localstack:4566", "repositoryCount": 7,
              "conditions": [{"type":"Ready","status":"False","reason":"AccessDenied",{{Time}}}]
            }
            """);

        var (names, wide, cells) = await ReadAsync("AWSProvider", "columns");

        Assert.Equal(["Name", "Region", "Account", "Ready", "Repositories", "Age"], names);
        Assert.Equal(["Identity", "Endpoint", "Reason"], wide);
        Assert.Equal("us-east-1", cells["Region"]);
        Assert.Equal("123456789012", cells["Account"]);
        Assert.Equal("False", cells["Ready"]);
        Assert.Equal("7", cells["Repositories"]);
        Assert.Equal("arn:aws:iam::123456789012:user/a", cells["Identity"]);
        Assert.Equal("http://localstack:4566", cells["Endpoint"]);
        Assert.Equal("AccessDenied", cells["Reason"]);
    }

    [Theory]
    [InlineData("ECRRepository", "{providerRef: {name: p}, repositoryName: app/backend}")]
    [InlineData("AWSProvider", "{region: us-east-1}")]
    public async Task A_new_object_is_not_blank(string kind, string spec)
    {
        _ = (await fixture.CreateAsync(kind, "unseen", spec)).Success;

        var (_, _, cells) = await ReadAsync(kind, "unseen");

        Assert.Equal("Unknown", cells["Ready"]);
        Assert.Equal("Pending", cells["Reason"]);
        Assert.NotEmpty(cells["Age"]!);
    }

    private async Task PatchStatusAsync(string kind, string name, string status) =>
        _ = (await fixture.Server.MergePatchAsync($"{fixture.PathOf(kind, name)}/status?fieldValidation=Strict", $$"""{"status":{{status}}}""")).Success;

    private async Task<(string[] Default, string[] Wide, Dictionary<string, string?> Cells)> ReadAsync(string kind, string name)
    {
        var table = (await fixture.Server.GetAsync(fixture.PathOf(kind, name), Table)).Success;
        var columns = table["columnDefinitions"]!.AsArray();
        var cells = table["rows"]![0]!["cells"]!.AsArray();

        return (
            [.. columns.Where(column => (int)column!["priority"]! == 0).Select(column => (string)column!["name"]!)],
            [.. columns.Where(column => (int)column!["priority"]! > 0).Select(column => (string)column!["name"]!)],
            columns.Zip(cells).ToDictionary(pair => (string)pair.First!["name"]!, pair => pair.Second?.ToString()));
    }
}
