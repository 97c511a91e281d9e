using InfraOperator.Abstractions;
using InfraOperator.Aws;
using InfraOperator.Grains.Providers;
using InfraOperator.Kubernetes;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Grains.Tests.Providers;

/// <summary>What a spec without Secrets comes to.</summary>
public sealed class ProviderIdentityTests
{
    private const string Role = "arn:aws:iam::345678901234:role/ecr-of-that-account";

    private static readonly ResourceKey Key = new("prod-eu-1", "team-a", "images");

    [Fact]
    public async Task Session_tags_name_cluster_namespace_and_provider()
    {
        var role = Assert.IsType<AssumedRole>((await ReadAsync(new() { AssumeRoleARN = Role, ExternalID = "external", SessionTags = true })).Identity);

        Assert.Equal(
            [("infra-operator-cluster", "prod-eu-1"), ("infra-operator-namespace", "team-a"), ("infra-operator-provider", "images")],
            role.Tags.Values.Select(tag => (tag.Key, tag.Value)));
        Assert.Equal((new AmbientIdentity(), Role, "external"), (role.Base, role.RoleArn, role.ExternalId));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(false)]
    public async Task Without_the_field_a_session_bears_no_tags(bool? sessionTags) =>
        Assert.Equal(
            new AssumedRole(new AmbientIdentity(), Role, null, "prod-eu-1.team-a.images"),
            (await ReadAsync(new() { AssumeRoleARN = Role, SessionTags = sessionTags })).Identity);

    [Theory]
    [InlineData(null)]
    [InlineData("arn:aws:iam::111122223333:role/by-token")]
    public async Task Session_tags_without_a_role_to_assume_are_refused_with_the_mend(string? roleArn)
    {
        var refused = await ReadAsync(new() { RoleARN = roleArn, SessionTags = true });

        Assert.Null(refused.Identity);
        Assert.Equal(Reasons.InvalidSpec, refused.Reason);
        Assert.Equal("spec.sessionTags: only the session of spec.assumeRoleARN can bear them; add assumeRoleARN, or take sessionTags out", refused.Message);
    }

    private static async Task<ProviderIdentity> ReadAsync(AWSProviderSpec spec)
    {
        using var api = new KubernetesApi(new KubernetesClientConfiguration { Host = "http://127.0.0.1:1" }, TimeProvider.System, NullLoggerFactory.Instance);
        var provider = new AWSProvider { Metadata = new() { Name = Key.Name, Namespace = Key.Namespace }, Spec = spec with { Region = "us-east-1" } };
        return await ProviderIdentity.ReadAsync(provider, Key, new OperatorOptions { WebIdentityTokenFile = "/nowhere/token" }, new([]), api, TestContext.Current.CancellationToken);
    }
}
