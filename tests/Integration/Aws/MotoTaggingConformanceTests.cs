using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using InfraOperator.Conformance.Ecr;

namespace InfraOperator.Integration.Aws;

/// <summary>
/// The suite of the tagging API on an implementation that is not ours. moto's knows no ECR repositories, so it is asked about
/// secrets; like AWS it leaves out those that never bore a tag, unlike AWS also those that do so no more.
/// </summary>
public sealed class MotoTaggingConformanceTests : TaggingConformance
{
    protected override Uri Endpoint => IntegrationEnvironment.AwsEndpointUrl;

    protected override string ResourceType => "secretsmanager:secret";

    protected override async Task<string> CreateAsync(string name, IReadOnlyDictionary<string, string> tags)
    {
        var body = JsonSerializer.Serialize(new { Name = name, SecretString = "none", Tags = tags.Select(tag => new { tag.Key, tag.Value }) });
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, Endpoint) { Content = new StringContent(body, Encoding.UTF8) };
        request.Content.Headers.ContentType = new("application/x-amz-json-1.1");
        request.Headers.Add("X-Amz-Target", "secretsmanager.CreateSecret");
        request.Headers.TryAddWithoutValidation("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=00");
        using var response = await http.SendAsync(request, Cancel);
        var answer = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.IsSuccessStatusCode, answer);
        return (string)JsonNode.Parse(answer)!["ARN"]!;
    }
}
