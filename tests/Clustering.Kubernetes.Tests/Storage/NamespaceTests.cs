using InfraOperator.Clustering.Kubernetes.Tests.Fakes;

namespace InfraOperator.Clustering.Kubernetes.Tests.Storage;

/// <summary>In which namespace the object is. The environment belongs to the whole process, so no other test may leave the namespace out.</summary>
public sealed class NamespaceTests : IDisposable
{
    private const string Variable = "POD_NAMESPACE";
    private readonly string? _before = Environment.GetEnvironmentVariable(Variable);

    [Theory]
    [InlineData("set", "pod", "context", "set")]
    [InlineData(null, "pod", "context", "pod")]
    [InlineData("", "pod", "context", "pod")]
    [InlineData(null, null, "context", "context")]
    [InlineData(null, null, null, "default")]
    public async Task The_nearest_says(string? option, string? pod, string? context, string expected)
    {
        Environment.SetEnvironmentVariable(Variable, pod);
        await using var fixture = await TableFixture.StartAsync(
            options =>
            {
                var configuration = options.CreateConfiguration();
                configuration.Namespace = context;
                options.Namespace = option;
                options.CreateConfiguration = () => configuration;
            },
            TimeProvider.System,
            FakeAnswer.Table(0, "a"));

        await fixture.Table.ReadAllAsync(TestContext.Current.CancellationToken);

        Assert.Equal($"/apis/orleans.runner.codes/v1alpha1/namespaces/{expected}/orleansclusters/fake", Assert.Single(fixture.Server.Requests).Path);
    }

    public void Dispose() => Environment.SetEnvironmentVariable(Variable, _before);
}
