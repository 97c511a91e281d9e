using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using InfraOperator.Benchmarks.Servers;

namespace InfraOperator.Benchmarks;

/// <summary>
/// What creates cost at the least: apply, finalizer, CreateRepository, each policy, status, one after the other for each object and 64
/// objects at a time. It signs nothing, watches nothing, checks nothing and would repair nothing.
/// </summary>
/// <param name="bed">Where.</param>
/// <param name="tenant">Whose objects they are; no silo serves it.</param>
/// <param name="policies">How many policies each object has, 0 to 2.</param>
/// <param name="likeness">A status that the product wrote, of which each object gets one alike.</param>
/// <param name="nameInLikeness">The name of the repository in it.</param>
internal sealed class BareLoop(Testbed bed, Tenant tenant, int policies, JsonNode likeness, string nameInLikeness) : IDisposable
{
    private const string Authorization = $"AWS4-HMAC-SHA256 Credential=AKIA222222222222/20260101/us-east-1/ecr/aws4_request, SignedHeaders=host, Signature=0";

    private readonly HttpClient _aws = new() { BaseAddress = bed.Aws.Url };
    private readonly string _status = likeness.ToJsonString();

    /// <summary>Creates objects and their repositories.</summary>
    public Task CreateAsync(IEnumerable<string> names, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = Tenant.Concurrency, CancellationToken = cancellationToken }, async (name, token) =>
        {
            var created = await bed.Cluster.CreateAsync(tenant.Repositories, Repositories.Make(name, policies), token);
            var test = $$"""{"op":"test","path":"/metadata/uid","value":"{{created["metadata"]!["uid"]}}"}""";
            await PatchAsync($"{tenant.Repositories}/{name}", $$"""[{{test}},{"op":"add","path":"/metadata/finalizers","value":["aws-infra-operator.runner.codes/finalizer"]}]""", token);
            await CallAsync("CreateRepository", $$$"""{"repositoryName":"{{{name}}}","tags":[{"Key":"environment","Value":"test"},{"Key":"team","Value":"platform"},{"Key":"owner","Value":"benchmark/{{{name}}}"}],"imageTagMutability":"IMMUTABLE","imageScanningConfiguration":{"scanOnPush":true},"encryptionConfiguration":{"encryptionType":"AES256"}}""", token);
            if (policies > 0)
            {
                await CallAsync("PutLifecyclePolicy", new JsonObject { ["repositoryName"] = name, ["lifecyclePolicyText"] = Repositories.Lifecycle }.ToJsonString(), token);
            }

            if (policies > 1)
            {
                await CallAsync("SetRepositoryPolicy", new JsonObject { ["repositoryName"] = name, ["policyText"] = Repositories.Policy }.ToJsonString(), token);
            }

            await PatchAsync($"{tenant.Repositories}/{name}/status", $$"""[{{test}},{"op":"add","path":"/status","value":{{_status.Replace(nameInLikeness, name, StringComparison.Ordinal)}}}]""", token);
        });

    public void Dispose() => _aws.Dispose();

    private Task PatchAsync(string path, string patch, CancellationToken cancellationToken) => bed.Cluster.PatchAsync(path, "json-patch+json", patch, cancellationToken);

    private async Task CallAsync(string operation, string body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/x-amz-json-1.1")) };
        request.Headers.Add("X-Amz-Target", $"AmazonEC2ContainerRegistry_V20150921.{operation}");
        request.Headers.TryAddWithoutValidation("Authorization", Authorization);
        using var answer = await _aws.SendAsync(request, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            throw new BenchmarkException($"AWS answered to {operation}: {text}");
        }
    }
}
