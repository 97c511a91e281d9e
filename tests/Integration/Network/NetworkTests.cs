using System.Text;
using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Conformance.Network;
using InfraOperator.Integration.Chart;
using InfraOperator.Sandbox;
using InfraOperator.Sandbox.Ecr;
using InfraOperator.Sandbox.Kubernetes;

namespace InfraOperator.Integration.Network;

/// <summary>
/// A silo as a process where AWS cannot simply be reached. The runtime reads the variables of proxies and certificates once, so only a
/// process that is started with them can show what they do.
/// </summary>
public sealed class NetworkTests : IAsyncLifetime
{
    private const string Namespace = "default";

    private readonly PrivateAuthority _authority = new();
    private readonly string _kubeconfig = Path.GetTempFileName();
    private SandboxApiServer _kubernetes = null!;
    private SandboxEcr _aws = null!;
    private TlsFront _front = null!;
    private ForwardProxy _proxy = null!;
    private InstanceMetadata _metadata = null!;
    private HttpClient _http = null!;
    private SiloRun? _silo;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private KubernetesObjects Objects => new(_http);

    public async ValueTask InitializeAsync()
    {
        _kubernetes = await SandboxApiServer.StartAsync(new() { Manifests = [.. SandboxResources.CustomResourceDefinitions] }, Cancel);
        _aws = await SandboxEcr.StartAsync(new(), Cancel);
        _front = new(_authority.Issue, _aws.Url);
        _proxy = new(_front.Port);
        _metadata = await InstanceMetadata.StartAsync();
        _http = new() { BaseAddress = _kubernetes.Url, Timeout = Timeout.InfiniteTimeSpan };
        await File.WriteAllTextAsync(_kubeconfig, _kubernetes.Kubeconfig, Cancel);
        await Objects.CreateAsync(new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = "keys", ["namespace"] = Namespace },
            ["data"] = new JsonObject { ["AWS_ACCESS_KEY_ID"] = Base64("AKIAIOSFODNN7EXAMPLE"), ["AWS_SECRET_ACCESS_KEY"] = Base64(PlantedSecrets.SecretAccessKey) },
        });
    }

    public async ValueTask DisposeAsync()
    {
        _silo?.Dispose();
        _http.Dispose();
        await _metadata.DisposeAsync();
        await _proxy.DisposeAsync();
        await _front.DisposeAsync();
        await _aws.DisposeAsync();
        await _kubernetes.DisposeAsync();
        _authority.Dispose();
        File.Delete(_kubeconfig);
    }

    [Fact]
    public async Task A_proxy_is_asked_for_AWS_and_for_nothing_that_NO_PROXY_names()
    {
        await StartAsync(Proxied);
        await CreateAsync(AWSProvider.Kind, "aws", new() { ["region"] = "us-east-1" });

        await CreateSyncedAsync("app", "aws");
        await UntilAskedForAsync("tagging.us-east-1.amazonaws.com:443");

        Assert.Equal(["api.ecr.us-east-1.amazonaws.com:443", "sts.us-east-1.amazonaws.com:443", "tagging.us-east-1.amazonaws.com:443"], _proxy.Asked);
        Assert.All(_aws.Log, call => Assert.Equal(InstanceMetadata.AccessKeyId, call.AccessKeyId));
    }

    [Fact]
    public async Task A_proxy_gets_the_password_that_stands_in_its_address()
    {
        _proxy.Credentials = $"operator:{PlantedSecrets.ProxyPassword}";
        await StartAsync(new(Proxied) { ["HTTPS_PROXY"] = WithPassword, ["HTTP_PROXY"] = WithPassword });
        await CreateAsync(AWSProvider.Kind, "aws", new() { ["region"] = "us-east-1" });

        await CreateSyncedAsync("app", "aws");
    }

    [Fact]
    public async Task A_proxy_that_refuses_the_password_has_it_told_to_nobody()
    {
        _proxy.Credentials = "operator:another";
        await StartAsync(new(Proxied) { ["HTTPS_PROXY"] = WithPassword, ["HTTP_PROXY"] = WithPassword });
        await CreateAsync(AWSProvider.Kind, "aws", new() { ["region"] = "us-east-1" });

        var told = await Objects.UntilAsync(AWSProvider.Kind, Namespace, "aws", value => value.Condition(ConditionTypes.Ready)?.Reason == Reasons.AWSUnavailable);
        Assert.Contains($"127.0.0.1:{_proxy.Port}", told.Condition(ConditionTypes.Ready)!.Value.Message);
        Assert.Contains("407", told.Condition(ConditionTypes.Ready)!.Value.Message);
        Assert.Empty(PlantedSecrets.FoundIn(told.ToJsonString()));
        Assert.DoesNotContain(_silo!.Output, line => PlantedSecrets.FoundIn(line).Any());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("*")]
    [InlineData("127.0.0.0/8")]
    [InlineData("127.0.0.1:{port}")]
    public async Task A_proxy_is_asked_for_the_API_server_too_where_NO_PROXY_does_not_name_it(string? noProxy)
    {
        await StartAsync(new(Proxied) { ["NO_PROXY"] = noProxy?.Replace("{port}", $"{_kubernetes.Url.Port}", StringComparison.Ordinal) }, watching: false);

        await UntilAskedForAsync(_kubernetes.Url.Authority);
    }

    [Theory]
    [InlineData("Operator__UseFipsEndpoints", "api.ecr-fips.us-east-1.amazonaws.com:443", "sts-fips.us-east-1.amazonaws.com:443", "tagging-fips.us-east-1.amazonaws.com:443")]
    [InlineData("AWS_USE_FIPS_ENDPOINT", "api.ecr-fips.us-east-1.amazonaws.com:443", "sts-fips.us-east-1.amazonaws.com:443", "tagging-fips.us-east-1.amazonaws.com:443")]
    [InlineData("Operator__UseDualStackEndpoints", "ecr.us-east-1.api.aws:443", "sts.us-east-1.api.aws:443", "tagging.us-east-1.api.aws:443")]
    [InlineData("AWS_USE_DUALSTACK_ENDPOINT", "ecr.us-east-1.api.aws:443", "sts.us-east-1.api.aws:443", "tagging.us-east-1.api.aws:443")]
    public async Task Other_endpoints_of_AWS_are_called_where_they_are_asked_for_and_a_providers_own_as_it_is(string variable, string ecr, string sts, string tagging)
    {
        await StartAsync(new(Proxied) { [variable] = "true" });
        await CreateAsync(AWSProvider.Kind, "aws", new() { ["region"] = "us-east-1" });
        await CreateAsync(AWSProvider.Kind, "mock", OwnEndpoint(_aws.Url));

        await CreateSyncedAsync("app", "aws");
        await UntilAskedForAsync(tagging);
        await CreateSyncedAsync("other", "mock");

        Assert.Equal([ecr, sts, tagging], _proxy.Asked);
    }

    [Fact]
    public async Task An_endpoint_that_a_tenant_chose_is_asked_of_the_proxy_too()
    {
        await StartAsync(new(Proxied));
        await CreateAsync(AWSProvider.Kind, "chosen", OwnEndpoint(new("https://ecr.tenant.example.com")));

        await UntilAskedForAsync("ecr.tenant.example.com:443");
    }

    [Theory]
    [InlineData("AWS_USE_FIPS_ENDPOINT")]
    [InlineData("AWS_USE_DUALSTACK_ENDPOINT")]
    public async Task A_variable_that_is_neither_true_nor_false_ends_the_start(string variable)
    {
        await StartAsync(new() { [variable] = "yes" }, watching: false);

        await _silo!.ExitAsync();

        Assert.Equal((2, $"infra-operator cannot start: {variable} is 'yes': it must be true or false."), (_silo.ExitCode, Assert.Single(_silo.Output)));
    }

    [Fact]
    public async Task Where_AWS_has_no_such_endpoint_of_the_tagging_API_tags_are_compared_one_repository_at_a_time()
    {
        _proxy.Refused = "tagging-fips.us-east-1.amazonaws.com:443";
        await StartAsync(new(Proxied) { ["Operator__UseFipsEndpoints"] = "true", ["Operator__DeepCallsPerSecond"] = "100" });
        await CreateAsync(AWSProvider.Kind, "aws", new() { ["region"] = "us-east-1" });
        await CreateSyncedAsync("app", "aws");
        await UntilAskedForAsync(_proxy.Refused);

        var seen = _aws.Calls("ListTagsForResource");

        await _aws.WaitForCallsAsync("ListTagsForResource", seen + 2).WaitAsync(KubernetesObjects.Deadline, Cancel);
    }

    [Theory]
    [InlineData("SSL_CERT_DIR")]
    [InlineData("SSL_CERT_FILE")]
    public async Task An_endpoint_of_a_private_CA_is_trusted_where_a_variable_names_the_CA(string variable)
    {
        await StartAsync(new() { [variable] = variable == "SSL_CERT_DIR" ? Trusted : _authority.Certificate });
        await CreateAsync(AWSProvider.Kind, "private", OwnEndpoint(_front.Url));

        await CreateSyncedAsync("app", "private");
    }

    [Fact]
    public async Task Without_it_the_provider_says_whose_certificate_is_not_trusted_and_what_to_do()
    {
        await StartAsync([]);
        await CreateAsync(AWSProvider.Kind, "private", OwnEndpoint(_front.Url));

        var provider = await Objects.UntilAsync(AWSProvider.Kind, Namespace, "private", value => value.Condition(ConditionTypes.Ready)?.Reason == Reasons.AWSUnavailable);

        var message = provider.Condition(ConditionTypes.Ready)!.Value.Message!;
        Assert.StartsWith($"GetCallerIdentity: The certificate of {_front.Url.Authority} is signed by no CA that this process trusts", message, StringComparison.Ordinal);
        Assert.Contains("have SSL_CERT_DIR name its folder", message, StringComparison.Ordinal);
    }

    private static JsonObject OwnEndpoint(Uri endpoint) => new()
    {
        ["region"] = "us-east-1",
        ["endpoint"] = endpoint.AbsoluteUri,
        ["credentialsSecret"] = new JsonObject { ["name"] = "keys" },
    };

    private string WithPassword => _proxy.Url.Replace("//", $"//operator:{PlantedSecrets.ProxyPassword}@", StringComparison.Ordinal);

    /// <summary>As the guide has it, but for where proxy and certificate are. What goes by plain HTTP has a proxy too.</summary>
    private Dictionary<string, string?> Proxied => new(Printed("HTTPS_PROXY"))
    {
        ["HTTPS_PROXY"] = _proxy.Url,
        ["HTTP_PROXY"] = _proxy.Url,
        ["SSL_CERT_DIR"] = Trusted,
    };

    /// <summary>The folders of certificates that the guide names, with that of the private CA where it mounts it.</summary>
    private string Trusted => Printed("SSL_CERT_DIR")["SSL_CERT_DIR"]!.Replace((string)Release.Values(InstallGuide.BlockWith("SSL_CERT_DIR"))["extraVolumeMounts"]![0]!["mountPath"]!, _authority.Folder, StringComparison.Ordinal);

    /// <summary>The variables of the guide's values that set one of them, as a kubelet on this machine hands them on.</summary>
    private static Dictionary<string, string?> Printed(string variable) => Release.Values(InstallGuide.BlockWith(variable))["extraEnv"]!.AsArray()
        .ToDictionary(each => (string)each!["name"]!, each => (string?)each!["value"]!.ToString().Replace("$(KUBERNETES_SERVICE_HOST)", "127.0.0.1", StringComparison.Ordinal));

    /// <summary>Starts the silo with these variables, and none of the machine's own that would matter.</summary>
    private async Task StartAsync(Dictionary<string, string?> variables, bool watching = true)
    {
        string[] others = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "no_proxy", "all_proxy", "SSL_CERT_DIR", "SSL_CERT_FILE", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
        var environment = others.ToDictionary(name => name, _ => (string?)null);
        environment["KUBECONFIG"] = _kubeconfig;
        environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = _metadata.Url;
        environment["Operator__ClusterId"] = "network";
        environment["Operator__InternalEndpointHosts__0"] = "127.0.0.1";
        environment["Operator__InternalEndpointHosts__1"] = "localhost";
        environment["Operator__ComparePeriod"] = "00:00:01";
        environment["Operator__MaxRetryDelay"] = "00:00:01";
        environment["Silo__Port"] = "0";
        environment["Http__Port"] = "0";
        foreach (var (name, value) in variables)
        {
            environment[name] = value;
        }

        _silo = new(environment);
        if (watching)
        {
            await _silo.WatchingAsync();
        }
    }

    private async Task UntilAskedForAsync(string authority) => await _proxy.UntilAskedForAsync(authority).WaitAsync(KubernetesObjects.Deadline, Cancel);

    private async Task CreateSyncedAsync(string repository, string provider)
    {
        await CreateAsync(ECRRepository.Kind, repository, new() { ["providerRef"] = new JsonObject { ["name"] = provider }, ["repositoryName"] = repository });
        await Objects.UntilAsync(ECRRepository.Kind, Namespace, repository, value => value.IsSynced());
    }

    private Task<JsonObject> CreateAsync(string kind, string name, JsonObject spec) => Objects.CreateAsync(new()
    {
        ["apiVersion"] = ApiNames.ApiVersion,
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Namespace },
        ["spec"] = spec,
    });

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
