using InfraOperator.Conformance.Ecr;
using InfraOperator.Sandbox.Ecr;

namespace InfraOperator.Aws.Tests;

/// <summary>The suite of the tagging API on the sandbox.</summary>
public sealed class SandboxTaggingConformanceTests : TaggingConformance, IAsyncLifetime
{
    private SandboxEcr? _sandbox;

    protected override Uri Endpoint => _sandbox!.Url;

    protected override string ResourceType => "ecr:repository";

    public async ValueTask InitializeAsync() => _sandbox = await SandboxEcr.StartAsync(new SandboxEcrOptions(), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Dispose();
        await _sandbox!.DisposeAsync();
    }

    protected override async Task<string> CreateAsync(string name, IReadOnlyDictionary<string, string> tags)
    {
        var created = await Clients.Ecr.CreateRepositoryAsync(new() { RepositoryName = name, Tags = [.. tags.Select(tag => new Amazon.ECR.Model.Tag { Key = tag.Key, Value = tag.Value })] }, Cancel);
        return created.Repository!.RepositoryArn!;
    }
}
