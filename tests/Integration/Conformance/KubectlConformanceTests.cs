using InfraOperator.Conformance.Kubernetes;
using InfraOperator.Sandbox.Kubernetes;

namespace InfraOperator.Integration.Conformance;

public sealed class RealKubectlConformance : KubectlConformance
{
    protected override string Kubeconfig => IntegrationEnvironment.Kubeconfig;

    protected override Task<HttpClient> ConnectAsync() => RealApiServer.ConnectAsync();
}

public sealed class SandboxKubectlConformance : KubectlConformance
{
    private readonly string _kubeconfig = Path.GetTempFileName();
    private SandboxApiServer? _server;

    protected override string Kubeconfig => _kubeconfig;

    protected override async Task<HttpClient> ConnectAsync()
    {
        var logs = new Dictionary<string, Func<int?, IEnumerable<string>>>
        {
            ["infra-operator-system/infra-operator-controller-manager"] = tail => Enumerable.Range(1, 9).Select(line => $"line {line} about ecr").TakeLast(tail ?? 9),
        };
        _server = await SandboxApiServer.StartAsync(new() { Logs = logs }, Cancelled);
        await File.WriteAllTextAsync(_kubeconfig, _server.Kubeconfig, Cancelled);
        return new HttpClient { BaseAddress = _server.Url };
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        File.Delete(_kubeconfig);
    }

    [Fact]
    public async Task Logs_of_the_operator_are_served() =>
        Assert.Equal("line 8 about ecr\nline 9 about ecr\n", await KubectlAsync("logs -n infra-operator-system deploy/infra-operator-controller-manager --tail=2"));

    [Fact]
    public async Task Server_side_apply_is_refused_with_a_sentence()
    {
        var refused = await KubectlAsync("apply --server-side -f -", """{"apiVersion":"conformance.example.com/v1alpha1","kind":"Widget","metadata":{"name":"one"},"spec":{}}""", fails: true);

        Assert.Contains("the sandbox has no server-side apply", refused);
    }
}
