using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace InfraOperator.Integration.Document;

/// <summary>An answer of AWS: JSON of ECR and KMS, XML of IAM and STS.</summary>
public sealed record AwsAnswer(HttpStatusCode Code, string Text)
{
    /// <summary>The answer of a call that must succeed, as JSON.</summary>
    public JsonNode Json => JsonNode.Parse(Success)!;

    /// <summary>The first element of a name in the answer of a call that must succeed, where that is XML.</summary>
    public string Xml(string element) => XDocument.Parse(Success).Descendants().First(node => node.Name.LocalName == element).Value;

    /// <summary>The kind of the error of a call that must fail.</summary>
    public string Error => Code is HttpStatusCode.OK ? throw new InvalidOperationException($"AWS answered 200: {Text}") : (string)JsonNode.Parse(Text)!["__type"]!;

    private string Success => Code is HttpStatusCode.OK ? Text : throw new InvalidOperationException($"AWS answered {(int)Code}: {Text}");
}

/// <summary>The AWS of this run, by plain HTTP in the protocol of each service.</summary>
public sealed class AwsEndpoint : IDisposable
{
    private readonly HttpClient _http = new();

    public Task<AwsAnswer> SendAsync(AwsCommand command) => SendAsync(command.Service, command.Operation, command.Parameters);

    public async Task<AwsAnswer> SendAsync(string service, string operation, JsonObject parameters)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, IntegrationEnvironment.AwsEndpointUrl)
        {
            Content = service switch
            {
                "ecr" => JsonContent($"AmazonEC2ContainerRegistry_V20150921.{operation}"),
                "kms" => JsonContent($"TrentService.{operation}"),
                "iam" => Form("2010-05-08"),
                "sts" => Form("2011-06-15"),
                _ => throw new InvalidOperationException($"The suite does not speak to '{service}'."),
            },
        };

        // The mock checks no signature, and finds the service by the credential's scope.
        request.Headers.TryAddWithoutValidation("Authorization", $"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=00");
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return new(response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        StringContent JsonContent(string target)
        {
            var content = new StringContent(parameters.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/x-amz-json-1.1"));
            content.Headers.Add("X-Amz-Target", target);
            return content;
        }

        FormUrlEncodedContent Form(string version) => new(
            [KeyValuePair.Create("Action", operation), KeyValuePair.Create("Version", version), .. parameters.Select(parameter => KeyValuePair.Create(parameter.Key, (string)parameter.Value!))]);
    }

    public void Dispose() => _http.Dispose();
}
