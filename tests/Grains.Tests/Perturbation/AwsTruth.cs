using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Conformance.Ecr;

namespace InfraOperator.Grains.Tests.Perturbation;

/// <summary>AWS past the proxy, as it answers: what is true now, and somebody else's hand.</summary>
internal sealed class AwsTruth(Uri url) : IDisposable
{
    /// <summary>The reads that tell all there is to know of a repository.</summary>
    public static readonly ImmutableArray<string> Reads = ["DescribeRepositories", "ListTagsForResource", "GetLifecyclePolicy", "GetRepositoryPolicy", "DescribeImages"];

    public const string Region = "us-east-1";

    private const string Account = "000000000000";

    private static readonly IReadOnlyDictionary<string, string> Names = new Dictionary<string, string>
    {
        [Texts.KeepTen] = nameof(Texts.KeepTen),
        [Texts.KeepFive] = nameof(Texts.KeepFive),
        [Texts.AllowPull] = nameof(Texts.AllowPull),
        [Texts.AllowPush] = nameof(Texts.AllowPush),
    };

    private readonly HttpClient _http = new() { BaseAddress = url };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Calls an operation of ECR.</summary>
    /// <exception cref="InvalidOperationException">AWS refuses.</exception>
    public async Task DoAsync(string operation, JsonObject body)
    {
        var answer = await CallAsync(operation, body);
        _ = answer.Status == 200 ? answer : throw new InvalidOperationException($"{operation}: {answer.Body}");
    }

    public Task PushAsync(string repository, string tag) => EcrPush.ImageAsync(url, repository, tag, Cancel);

    /// <summary>All that AWS answers about a repository, by operation.</summary>
    public async Task<Dictionary<string, Answer>> ReadAsync(string repository, string region = Region)
    {
        var answers = await Task.WhenAll(Reads.Select(async operation => (operation, await CallAsync(operation, RequestFor(operation, repository, region), region))));
        return answers.ToDictionary();
    }

    /// <summary>The tags of a repository; null where there is none.</summary>
    public async Task<Dictionary<string, string>?> TagsAsync(string repository, string region = Region) =>
        TagsIn(await CallAsync("ListTagsForResource", RequestFor("ListTagsForResource", repository, region), region));

    /// <summary>Whether a repository holds images.</summary>
    public async Task<int> ImagesAsync(string repository) => ImagesIn(await CallAsync("DescribeImages", RequestFor("DescribeImages", repository, Region)));

    /// <summary>A repository in one line, with the owner tag as who that is to the owner given.</summary>
    public async Task<string> DescribeAsync(string repository, string owner)
    {
        var read = await ReadAsync(repository);
        if (read["DescribeRepositories"].Status != 200)
        {
            return "gone";
        }

        var described = Parse(read["DescribeRepositories"])["repositories"]![0]!;
        var tags = TagsIn(read["ListTagsForResource"])!;
        var holder = tags.GetValueOrDefault(ApiNames.OwnerTag) switch
        {
            null => "nobody",
            var tag when tag == owner => "ours",
            var tag when tag == $"released/{owner}" => "released",
            var tag when tag == $"released/adopted/{owner}" => "released as adopted",
            _ => "another",
        };
        return $"{described["imageTagMutability"]}, scan {described["imageScanningConfiguration"]!["scanOnPush"]}, {Policy("GetLifecyclePolicy", "lifecyclePolicyText")}, {Policy("GetRepositoryPolicy", "policyText")}, "
            + $"{ImagesIn(read["DescribeImages"])} images, owner {holder}, {string.Join(" ", tags.Where(tag => tag.Key != ApiNames.OwnerTag).OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"))}";

        string Policy(string operation, string field) =>
            read[operation].Status != 200 ? "none" : Names.FirstOrDefault(name => JsonNode.DeepEquals(Plain(JsonNode.Parse(name.Key)), Plain(JsonNode.Parse((string)Parse(read[operation])[field]!)))).Value ?? "another policy";
    }

    public void Dispose() => _http.Dispose();

    public static string ArnOf(string repository, string region = Region) => $"arn:aws:ecr:{region}:{Account}:repository/{repository}";

    private static JsonObject RequestFor(string operation, string repository, string region) => operation switch
    {
        "DescribeRepositories" => new() { ["repositoryNames"] = new JsonArray(repository) },
        "ListTagsForResource" => new() { ["resourceArn"] = ArnOf(repository, region) },
        _ => new() { ["repositoryName"] = repository },
    };

    private static Dictionary<string, string>? TagsIn(Answer answer) =>
        answer.Status != 200 ? null : Parse(answer)["tags"]!.AsArray().ToDictionary(tag => (string)tag!["Key"]!, tag => (string)tag!["Value"]!);

    private static int ImagesIn(Answer answer) => answer.Status != 200 ? 0 : Parse(answer)["imageDetails"]!.AsArray().Count;

    // AWS spells a list of one as its only item.
    private static JsonNode? Plain(JsonNode? node) => node switch
    {
        JsonArray { Count: 1 } list => Plain(list[0]),
        JsonArray list => new JsonArray([.. list.Select(Plain)]),
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Plain(member.Value)))),
        _ => node?.DeepClone(),
    };

    private static JsonNode Parse(Answer answer) => JsonNode.Parse(answer.Body)!;

    private async Task<Answer> CallAsync(string operation, JsonObject body, string region = Region)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/x-amz-json-1.1")) };
        request.Headers.Add("X-Amz-Target", $"AmazonEC2ContainerRegistry_V20150921.{operation}");
        request.Headers.TryAddWithoutValidation("Authorization", $"AWS4-HMAC-SHA256 Credential=AKIASOMEBODY/20260101/{region}/ecr/aws4_request, SignedHeaders=host, Signature=00");
        using var response = await _http.SendAsync(request, Cancel);
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(Cancel), "application/x-amz-json-1.1");
    }
}
