using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Aws;
using InfraOperator.Conformance;
using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Conformance.Sts;
using InfraOperator.Grains.Providers;
using InfraOperator.Grains.Tests.Pace;
using InfraOperator.Kubernetes;
using InfraOperator.Sandbox.Kubernetes;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;
using YamlDotNet.Serialization;

namespace InfraOperator.Grains.Tests.Providers;

/// <summary>Each sample of a provider acts as who it says, before roles with the printed trust policies.</summary>
public sealed class SampleProviderTests : IAsyncLifetime
{
    private const string Role = "arn:aws:iam::123456789012:role";
    private const string User = "arn:aws:iam::123456789012:user/operator";
    private const string OwnKeyId = "AKIAAMBIENT";

    private static readonly string Folder = Path.Combine(SourceTree.Root, "samples");
    private static readonly IDeserializer Yaml = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
    private static readonly ISerializer Json = new SerializerBuilder().JsonCompatible().Build();

    private readonly string _token = Path.GetTempFileName();
    private readonly AwsClientFactory _aws = new(TimeProvider.System, NullLoggerFactory.Instance);
    private readonly TokenIssuer _issuer = new("https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE", TimeProvider.System);
    private FakeSts _sts = null!;
    private SandboxApiServer _kubernetes = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Samples => new()
    {
        { "irsa", "arn:aws:sts::123456789012:assumed-role/infra-operator-role/prod-eu-1.default.production-aws" },
        { "pod-identity", User },
        { "static-keys", User },
        { "temporary-keys", User },
        { "another-account", "arn:aws:sts::345678901234:assumed-role/ecr-of-that-account/prod-eu-1.default.another-account" },
    };

    public async ValueTask InitializeAsync()
    {
        _kubernetes = await SandboxApiServer.StartAsync(new(), Cancel);
        _sts = await FakeSts.StartAsync(TimeProvider.System);
        _sts.Accounts.AddUser("test", User);
        _sts.Accounts.AddUser("ASIAIOSFODNN7EXAMPLE", User, token: "session-token-of-these-keys");
        _sts.Accounts.AddProvider("123456789012", _issuer, "sts.amazonaws.com");
        _sts.Accounts.AddRole($"{Role}/infra-operator-role", PrintedPolicies.TrustInServiceAccount);
        _sts.Accounts.AddRole($"{Role}/infra-operator-ecr-role", PrintedPolicies.TrustInServiceAccount, PrintedPolicies.AnotherRoleWithTags);
        _sts.Accounts.AddRole("arn:aws:iam::345678901234:role/ecr-of-that-account", PrintedPolicies.TrustInOneNamespace.Replace("\"team-a\"", "\"default\"", StringComparison.Ordinal));
        await File.WriteAllTextAsync(_token, _issuer.Issue("system:serviceaccount:infra-operator-system:infra-operator-controller-manager", "sts.amazonaws.com", TimeSpan.FromHours(1)), Cancel);

        // The identity that every control plane of this process was given: where one runs, it has set the same.
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", OwnKeyId);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "secret");
        _sts.Accounts.AddUser(OwnKeyId, User);
    }

    public async ValueTask DisposeAsync()
    {
        _aws.Dispose();
        _issuer.Dispose();
        await _sts.DisposeAsync();
        await _kubernetes.DisposeAsync();
        File.Delete(_token);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task A_sample_acts_as_who_it_says(string sample, string arn)
    {
        AWSProvider? provider = null;
        foreach (var document in (await File.ReadAllTextAsync(Path.Combine(Folder, $"awsprovider-{sample}.yaml"), Cancel)).Split("\n---\n"))
        {
            var value = JsonNode.Parse(Json.Serialize(Yaml.Deserialize<object>(document)))!.AsObject();
            if ((string?)value["kind"] == AWSProvider.Kind)
            {
                provider = value.Deserialize(ResourceJson.AWSProvider)!;
            }
            else
            {
                await CreateSecretAsync(value);
            }
        }

        var key = new ResourceKey("prod-eu-1", provider!.Metadata.Namespace, provider.Metadata.Name);
        using var api = new KubernetesApi(new KubernetesClientConfiguration { Host = _kubernetes.Url.AbsoluteUri }, TimeProvider.System, NullLoggerFactory.Instance);
        var proof = new IdentityProof(key, api, _aws, new([]), _ => TestPace.Unlimited(key), new() { WebIdentityTokenFile = _token, AwsEndpointUrl = _sts.Url }, TimeProvider.System);

        var findings = await proof.ProveAsync(provider, Cancel);
        Assert.Equal($"acts as {arn}", findings.Message);
    }

    [Fact]
    public void Every_sample_is_tried() => Assert.Equal(
        Directory.EnumerateFiles(Folder, "awsprovider-*.yaml").Select(Path.GetFileNameWithoutExtension).Order(),
        Samples.Select(sample => $"awsprovider-{sample.Data.Item1}").Order());

    private async Task CreateSecretAsync(JsonObject secret)
    {
        // As the API server does.
        secret["data"] = new JsonObject(secret["stringData"]!.AsObject().Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)Convert.ToBase64String(Encoding.UTF8.GetBytes((string)entry.Value!)))));
        secret.Remove("stringData");
        using var http = new HttpClient { BaseAddress = _kubernetes.Url };
        _ = await http.PostAsJsonAsync("api/v1/namespaces", new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = "default" } }, Cancel);
        (await http.PostAsJsonAsync("api/v1/namespaces/default/secrets", secret, Cancel)).EnsureSuccessStatusCode();
    }
}
