using Amazon.ECR.Model;
using InfraOperator.Sandbox.Ecr;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Aws.Tests;

/// <summary>A sandbox and a client factory on one clock that only the test moves.</summary>
public abstract class AwsTest : IAsyncLifetime
{
    protected const string KeyId = "AKIAIOSFODNN7EXAMPLE";

    /// <summary>Only a hang takes this long.</summary>
    protected static readonly TimeSpan Hang = TimeSpan.FromSeconds(20);

    protected static readonly StaticIdentity Keys = new(KeyId, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", null);

    protected AwsTest() => Factory = new AwsClientFactory(Clock, NullLoggerFactory.Instance);

    protected FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

    protected AwsClientFactory Factory { get; }

    protected SandboxEcr Sandbox { get; private set; } = null!;

    protected AwsClients Clients { get; private set; } = null!;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected virtual SandboxEcrOptions Options => new() { TimeProvider = Clock };

    public virtual async ValueTask InitializeAsync()
    {
        Sandbox = await SandboxEcr.StartAsync(Options, Cancel);
        Clients = ClientsOf(Keys);
    }

    public async ValueTask DisposeAsync()
    {
        Factory.Dispose();
        await Sandbox.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected AwsClients ClientsOf(AwsIdentity identity, string region = "us-east-1") => Factory.Create(identity, new AwsTarget(region, Sandbox.Url));

    protected Task<CreateRepositoryResponse> Create(string name, AwsClients? clients = null) =>
        (clients ?? Clients).Ecr.CreateRepositoryAsync(new CreateRepositoryRequest { RepositoryName = name }, Cancel);

    protected static async Task<AwsFailure> FailureOf(Func<Task> call)
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(call);
        var failure = AwsFailure.From(exception, "Operation");
        Assert.True(failure is not null, $"Not a failure of AWS: {exception}");
        return failure;
    }
}
