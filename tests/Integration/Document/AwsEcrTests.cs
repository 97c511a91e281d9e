using System.Text;
using System.Text.Json.Nodes;

namespace InfraOperator.Integration.Document;

/// <summary>The document's <c>aws ecr</c> commands, as the calls they are, on the repositories that the operator made.</summary>
public sealed class AwsEcrTests(DocumentFixture fixture) : DocumentTest(fixture)
{
    [DocumentLine("aws ecr describe-repositories")]
    public async Task AWS_lists_what_kubectl_lists()
    {
        await Fixture.EnsureAsync([.. DocumentObjects.All.Keys]);

        var listed = (await CallAsync()).Json["repositories"]!.AsArray().Select(repository => (string)repository!["repositoryName"]!);

        var wanted = DocumentObjects.All.Values.Select(item => (string?)item["spec"]?["repositoryName"]).OfType<string>();
        Assert.Superset(wanted.ToHashSet(), listed.ToHashSet());
    }

    [DocumentLine("aws ecr describe-repositories --repository-names app/backend-service")]
    public Task AWS_describes_the_repository_as_its_status_does() => AssertAsStatusAsync("secure-backend");

    [DocumentLine("aws ecr describe-repositories --repository-names app/backend")]
    public Task AWS_describes_the_complete_example_as_its_status_does() => AssertAsStatusAsync("app-backend");

    [DocumentLine("aws ecr describe-images --repository-name app/backend-service")]
    public async Task Images_are_described() =>
        Assert.NotEmpty((await CallWithImageAsync("secure-backend", "latest"))["imageDetails"]!.AsArray());

    [DocumentLine("aws ecr describe-images --repository-name app/backend-service --image-ids imageTag=latest")]
    public async Task One_image_is_described() =>
        Assert.Contains("latest", (await CallWithImageAsync("secure-backend", "latest"))["imageDetails"]!.AsArray().Single()!["imageTags"]!.AsArray().Select(tag => (string?)tag));

    [DocumentLine("aws ecr describe-images --repository-name app/backend --query 'imageDetails[].{Tag:imageTags[0],Size:imageSizeBytes}' --output table")]
    public async Task The_size_of_all_images_is_seen_in_AWS_and_in_the_status()
    {
        var images = (await CallWithImageAsync("app-backend", "v1.0.0"))["imageDetails"]!.AsArray();

        var status = await ForceSyncAsync("app-backend");

        // The mock lists several entries of one digest; the status counts digests.
        var distinct = images.DistinctBy(image => (string?)image!["imageDigest"]).ToArray();
        Assert.Equal(distinct.Length, (int?)status["imageCount"]);
        Assert.Equal(distinct.Sum(image => (long)image!["imageSizeInBytes"]!), (long?)status["imageSizeBytes"]);
    }

    [DocumentLine("aws ecr list-images --repository-name app/backend-service")]
    public async Task Images_are_listed_with_tags() => AssertTag("latest", await CallWithImageAsync("secure-backend", "latest"));

    [DocumentLine("aws ecr list-images --repository-name app/backend")]
    public async Task Images_are_listed_before_and_after() => AssertTag("v1.0.0", await CallWithImageAsync("app-backend", "v1.0.0"));

    [DocumentLine("aws ecr batch-delete-image --repository-name app/backend --image-ids imageTag=old-build-1234")]
    public async Task A_deleted_image_is_counted_no_longer()
    {
        await Fixture.EnsureAsync("app-backend");
        await Fixture.EnsureImageAsync("app/backend", "old-build-1234");

        var deleted = (await CallAsync()).Json["imageIds"]!.AsArray();

        var status = await ForceSyncAsync("app-backend");
        var left = (await Fixture.Aws.SendAsync("ecr", "DescribeImages", new() { ["repositoryName"] = "app/backend" })).Json["imageDetails"]!.AsArray();
        Assert.Equal("old-build-1234", (string?)deleted.Single()!["imageTag"]);
        Assert.DoesNotContain(left, image => image!["imageTags"]?.AsArray().Any(tag => (string?)tag == "old-build-1234") == true);
        Assert.Equal(left.DistinctBy(image => (string?)image!["imageDigest"]).Count(), (int?)status["imageCount"]);
    }

    [DocumentLine("aws ecr describe-image-scan-findings --repository-name app/backend-service --image-id imageTag=latest")]
    public async Task Findings_of_the_latest_image() => AssertFindings(await CallWithImageAsync("secure-backend", "latest"));

    [DocumentLine("aws ecr describe-image-scan-findings --repository-name app/backend --image-id imageTag=v1.0.0 --output table")]
    public async Task Findings_of_a_version() => AssertFindings(await CallWithImageAsync("app-backend", "v1.0.0"));

    [DocumentLine("aws ecr describe-image-scan-findings --repository-name app/backend --image-id imageTag=v1.0.1")]
    public async Task Findings_of_the_rebuilt_version() => AssertFindings(await CallWithImageAsync("app-backend", "v1.0.1"));

    [DocumentLine("aws ecr wait image-scan-complete --repository-name app/backend --image-id imageTag=latest")]
    public async Task The_scan_of_a_pushed_image_completes() =>
        Assert.Equal("COMPLETE", (string?)(await CallWithImageAsync("app-backend", "latest"))["imageScanStatus"]!["status"]);

    [DocumentLine("FINDINGS=$(aws ecr describe-image-scan-findings --repository-name app/backend --image-id imageTag=latest --query 'imageScanFindings.findingSeverityCounts.CRITICAL')")]
    public async Task Findings_have_counts_by_severity() =>
        Assert.NotNull((await CallWithImageAsync("app-backend", "latest"))["imageScanFindings"]!["findingSeverityCounts"]);

    [DocumentLine("aws ecr get-lifecycle-policy --repository-name app/backend-service", Shows = "none, for the example gives none")]
    public async Task A_repository_without_a_lifecycle_policy_has_none()
    {
        await Fixture.EnsureAsync("secure-backend");
        Assert.Equal("LifecyclePolicyNotFoundException", (await CallAsync()).Error);
    }

    [DocumentLine("aws ecr get-repository-policy --repository-name app/backend-service", Shows = "none, for the example gives none")]
    public async Task A_repository_without_a_repository_policy_has_none()
    {
        await Fixture.EnsureAsync("secure-backend");
        Assert.Equal("RepositoryPolicyNotFoundException", (await CallAsync()).Error);
    }

    [DocumentLine("aws ecr get-lifecycle-policy --repository-name app/backend")]
    public async Task The_lifecycle_policy_is_the_specs()
    {
        await Fixture.EnsureAsync("app-backend");
        Assert.Contains("Keep last 10 images", (string)(await CallAsync()).Json["lifecyclePolicyText"]!);
    }

    [DocumentLine("aws ecr get-authorization-token")]
    public Task A_token_for_docker() => AssertDockerTokenAsync();

    [DocumentLine("aws ecr get-authorization-token --output text --query 'authorizationData[].authorizationToken' | base64 -d | cut -d: -f2 | docker login --username AWS --password-stdin 123456789012.dkr.ecr.us-east-1.amazonaws.com", Shows = "up to docker")]
    public Task A_password_for_docker_login() => AssertDockerTokenAsync();

    [DocumentLine("aws ecr get-authorization-token --output text --query 'authorizationData[].authorizationToken' | base64 -d | cut -d: -f2 | docker login --username AWS --password-stdin https://123456789012.dkr.ecr.us-east-1.amazonaws.com", Shows = "up to docker")]
    public Task A_password_for_docker_login_by_URL() => AssertDockerTokenAsync();

    [DocumentLine("aws ecr get-authorization-token --output text --query 'authorizationData[].authorizationToken' | base64 -d | docker login --username AWS --password-stdin https://123456789012.dkr.ecr.us-east-1.amazonaws.com", Shows = "up to docker")]
    public Task A_token_by_the_shorter_way() => AssertDockerTokenAsync();

    [DocumentLine("aws ecr get-authorization-token | jq -r '.authorizationData[0].authorizationToken' | base64 -d | cut -d: -f2 | docker login --username AWS --password-stdin localhost:4566", Shows = "up to docker")]
    public Task A_password_for_a_mock() => AssertDockerTokenAsync();

    [DocumentLine("aws ecr get-authorization-token --endpoint-url https://ecr.us-east-1.amazonaws.com", Shows = "at the endpoint of the run")]
    public Task A_token_from_the_other_account() => AssertDockerTokenAsync();

    private async Task<JsonNode> CallWithImageAsync(string name, string tag)
    {
        await Fixture.EnsureAsync(name);
        await Fixture.EnsureImageAsync(DocumentObjects.RepositoryName(name), tag);
        return (await CallAsync()).Json;
    }

    private async Task<JsonNode> ForceSyncAsync(string name)
    {
        var token = Guid.NewGuid().ToString("N");
        _ = (await Fixture.Shell.RunAsync($"kubectl annotate ecrrepository {name} force-sync={token} --overwrite")).Success;
        return (await Fixture.HoldsAsync(name, resource => (string?)resource["status"]!["lastHandledForceSync"] == $"{token}|", "synchronised"))["status"]!;
    }

    private async Task AssertAsStatusAsync(string name)
    {
        await Fixture.EnsureAsync(name);
        var status = (await Fixture.ReadAsync("ECRRepository", name))["status"]!;

        var described = (await CallAsync()).Json["repositories"]!.AsArray().Single()!;

        Assert.Equal((string?)described["repositoryArn"], (string?)status["repositoryArn"]);
        Assert.Equal((string?)described["repositoryUri"], (string?)status["repositoryUri"]);
        Assert.Equal((string?)described["registryId"], (string?)status["registryId"]);
        Assert.Equal((string?)described["imageTagMutability"], (string?)status["imageTagMutability"]);
        Assert.Equal((string?)described["encryptionConfiguration"]!["encryptionType"], (string?)status["encryptionType"]);
        Assert.Equal((bool?)described["imageScanningConfiguration"]!["scanOnPush"], (bool?)status["imageScanningConfiguration"]!["scanOnPush"]);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds((long)(double)described["createdAt"]!), DateTimeOffset.Parse((string)status["creationDate"]!, System.Globalization.CultureInfo.InvariantCulture));
    }

    private async Task AssertDockerTokenAsync()
    {
        var data = (await CallAsync()).Json["authorizationData"]![0]!;

        var token = Encoding.UTF8.GetString(Convert.FromBase64String((string)data["authorizationToken"]!));
        Assert.Matches("^AWS:.+$", token);
        Assert.Equal("https://123456789012.dkr.ecr.us-east-1.amazonaws.com", (string?)data["proxyEndpoint"]);
    }

    private static void AssertTag(string tag, JsonNode answer) =>
        Assert.Contains(tag, answer["imageIds"]!.AsArray().Select(image => (string?)image!["imageTag"]));

    private static void AssertFindings(JsonNode answer) => Assert.NotEmpty(answer["imageScanFindings"]!["findings"]!.AsArray());
}
