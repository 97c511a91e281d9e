using Amazon;
using Amazon.ECR;
using Amazon.ECR.Model;
using Amazon.ResourceGroupsTaggingAPI;
using Amazon.ResourceGroupsTaggingAPI.Model;
using Amazon.Runtime.Endpoints;

namespace InfraOperator.Aws.Tests;

/// <summary>Endpoints by the service's own rules.</summary>
public sealed class EndpointTests
{
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
}
