using Amazon;
using Amazon.ECR;
using Amazon.ECR.Model;
using Amazon.ResourceGroupsTaggingAPI;
using Amazon.ResourceGroupsTaggingAPI.Model;
using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.SecurityToken.Model;
using InfraOperator.Conformance;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Aws.Tests;

/// <summary>Endpoints by the services' own rules, as AWS publishes them.</summary>
public sealed class EndpointTests
{
    [Theory]
    [InlineData("eu-west-1", false, false, "api.ecr.eu-west-1.amazonaws.com", "tagging.eu-west-1.amazonaws.com", "sts.eu-west-1.amazonaws.com")]
    [InlineData("us-east-1", true, false, "api.ecr-fips.us-east-1.amazonaws.com", "tagging-fips.us-east-1.amazonaws.com", "sts-fips.us-east-1.amazonaws.com")]
    [InlineData("eu-west-1", false, true, "ecr.eu-west-1.api.aws", "tagging.eu-west-1.api.aws", "sts.eu-west-1.api.aws")]
    [InlineData("us-west-2", true, true, "ecr-fips.us-west-2.api.aws", "tagging-fips.us-west-2.api.aws", "sts-fips.us-west-2.api.aws")]
    [InlineData("us-gov-west-1", false, false, "api.ecr.us-gov-west-1.amazonaws.com", "tagging.us-gov-west-1.amazonaws.com", "sts.us-gov-west-1.amazonaws.com")]
    [InlineData("us-gov-west-1", true, false, "api.ecr-fips.us-gov-west-1.amazonaws.com", "tagging-fips.us-gov-west-1.amazonaws.com", "sts.us-gov-west-1.amazonaws.com")]
    [InlineData("us-gov-east-1", false, true, "ecr.us-gov-east-1.api.aws", "tagging.us-gov-east-1.api.aws", "sts.us-gov-east-1.api.aws")]
    [InlineData("us-gov-east-1", true, true, "ecr-fips.us-gov-east-1.api.aws", "tagging-fips.us-gov-east-1.api.aws", "sts-fips.us-gov-east-1.api.aws")]
    [InlineData("cn-north-1", false, false, "api.ecr.cn-north-1.amazonaws.com.cn", "tagging.cn-north-1.amazonaws.com.cn", "sts.cn-north-1.amazonaws.com.cn")]
    [InlineData("cn-north-1", false, true, "ecr.cn-north-1.api.amazonwebservices.com.cn", "tagging.cn-north-1.api.amazonwebservices.com.cn", "sts.cn-north-1.api.amazonwebservices.com.cn")]
    public void FIPS_and_dual_stack_are_those_of_all_services(string region, bool fips, bool dualStack, string ecr, string tagging, string sts)
    {
        using var factory = FactoryOf(fips, dualStack);

        Assert.Equal([ecr, tagging, sts], HostsOf(factory.Create(Keys, new(region, null))));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void An_endpoint_in_the_place_of_AWSs_is_called_as_it_is(bool fips, bool dualStack)
    {
        using var factory = FactoryOf(fips, dualStack);

        Assert.Equal(["mock.example.com", "mock.example.com", "mock.example.com"], HostsOf(factory.Create(Keys, new("us-east-1", new("https://mock.example.com")))));
    }

    [Theory]
    [InlineData("eu-west-1", false, false, "https://api.ecr.eu-west-1.amazonaws.com/")]
    [InlineData("us-east-1", true, false, "https://api.ecr-fips.us-east-1.amazonaws.com/")]
    [InlineData("us-east-1", false, true, "https://ecr.us-east-1.api.aws/")]
    [InlineData("us-east-1", true, true, "https://ecr-fips.us-east-1.api.aws/")]
    [InlineData("us-gov-west-1", false, false, "https://api.ecr.us-gov-west-1.amazonaws.com/")]
    [InlineData("cn-north-1", false, false, "https://api.ecr.cn-north-1.amazonaws.com.cn/")]
    [InlineData("us-iso-east-1", false, false, "https://api.ecr.us-iso-east-1.c2s.ic.gov/")]
    [InlineData("eusc-de-east-1", false, false, "https://api.ecr.eusc-de-east-1.amazonaws.eu/")]
    [InlineData("xx-future-9", false, false, "https://api.ecr.xx-future-9.amazonaws.com/")]
    public void A_region_has_its_partitions_endpoint(string region, bool fips, bool dualStack, string url)
    {
        var config = new AmazonECRConfig { RegionEndpoint = RegionEndpoint.GetBySystemName(region), UseFIPSEndpoint = fips, UseDualstackEndpoint = dualStack };

        Assert.Equal(url, config.DetermineServiceOperationEndpoint(new ServiceOperationEndpointParameters(new DescribeRepositoriesRequest())).URL);
    }

    [Theory]
    [InlineData("eu-west-1", false, false, "https://tagging.eu-west-1.amazonaws.com/")]
    [InlineData("us-east-1", true, false, "https://tagging-fips.us-east-1.amazonaws.com/")]
    [InlineData("us-east-1", false, true, "https://tagging.us-east-1.api.aws/")]
    [InlineData("us-east-1", true, true, "https://tagging-fips.us-east-1.api.aws/")]
    [InlineData("us-gov-west-1", false, false, "https://tagging.us-gov-west-1.amazonaws.com/")]
    [InlineData("cn-north-1", false, false, "https://tagging.cn-north-1.amazonaws.com.cn/")]
    [InlineData("us-iso-east-1", false, false, "https://tagging.us-iso-east-1.c2s.ic.gov/")]
    [InlineData("eusc-de-east-1", false, false, "https://tagging.eusc-de-east-1.amazonaws.eu/")]
    [InlineData("xx-future-9", false, false, "https://tagging.xx-future-9.amazonaws.com/")]
    public void The_tagging_API_has_an_endpoint_of_its_own(string region, bool fips, bool dualStack, string url)
    {
        var config = new AmazonResourceGroupsTaggingAPIConfig { RegionEndpoint = RegionEndpoint.GetBySystemName(region), UseFIPSEndpoint = fips, UseDualstackEndpoint = dualStack };

        Assert.Equal(url, config.DetermineServiceOperationEndpoint(new ServiceOperationEndpointParameters(new GetResourcesRequest())).URL);
    }

    [Fact]
    public void An_override_wins_but_not_over_FIPS()
    {
        var config = new AmazonECRConfig { ServiceURL = "http://localhost:5000" };
        Assert.Equal("http://localhost:5000/", config.DetermineServiceOperationEndpoint(new ServiceOperationEndpointParameters(new DescribeRepositoriesRequest())).URL);

        config.UseFIPSEndpoint = true;
        Assert.ThrowsAny<Exception>(() => config.DetermineServiceOperationEndpoint(new ServiceOperationEndpointParameters(new DescribeRepositoriesRequest())));
    }

    [Theory]
    [InlineData("default", false, false)]
    [InlineData("FIPS", true, false)]
    [InlineData("dual-stack", false, true)]
    [InlineData("FIPS and dual-stack", true, true)]
    public void The_guide_names_the_hosts(string row, bool fips, bool dualStack)
    {
        using var factory = FactoryOf(fips, dualStack);
        var hosts = HostsOf(factory.Create(Keys, new("us-east-1", null))).Select(host => $"`{host.Replace("us-east-1", "<region>", StringComparison.Ordinal)}`").ToArray();

        Assert.Contains($"| {row} | {hosts[0]} | {hosts[2]} | {hosts[1]} |", File.ReadAllLines(Path.Combine(SourceTree.Root, "docs", "install.md")));
    }

    private static StaticIdentity Keys => new("AKIAIOSFODNN7EXAMPLE", "secret", null);

    private static AwsClientFactory FactoryOf(bool fips, bool dualStack) =>
        new(TimeProvider.System, NullLoggerFactory.Instance) { UseFipsEndpoints = fips, UseDualStackEndpoints = dualStack };

    private static string[] HostsOf(AwsClients clients) =>
    [
        HostOf(clients.Ecr, new DescribeRepositoriesRequest()),
        HostOf(clients.Tagging, new GetResourcesRequest()),
        HostOf(clients.Sts, new GetCallerIdentityRequest()),
    ];

    private static string HostOf(IAmazonService client, AmazonWebServiceRequest request) => new Uri(client.Config.DetermineServiceOperationEndpoint(new(request)).URL).Host;
}
