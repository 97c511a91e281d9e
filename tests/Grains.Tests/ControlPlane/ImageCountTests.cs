using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Grains.Tests.ControlPlane;

/// <summary>Images are counted over pages, up to a bound.</summary>
public sealed class ImageCountTests(SandboxControlPlane environment) : ControlPlaneConformance(environment)
{
    private const int PageSize = 1000;

    [Theory]
    [InlineData(PageSize, 1)]
    [InlineData(PageSize + 1, 2)]
    [InlineData((2 * PageSize) + 500, 3)]
    [InlineData(10 * PageSize, 10)]
    public async Task Images_are_counted_over_all_pages(int images, int pages)
    {
        await CreateSyncedAsync("app");
        AddImages(images);

        var synced = await CompareAsync("app");

        Assert.Equal((images, images * 3L), ((long?)synced["status"]!["imageCount"], (long?)synced["status"]!["imageSizeBytes"]));
        Assert.Null(synced.Message());
        Assert.Equal(pages, AwsCalls("app").Count(call => call == "DescribeImages"));
    }

    [Fact]
    public async Task More_images_than_are_counted_are_told_as_at_least_so_many()
    {
        await CreateSyncedAsync("app");
        AddImages((10 * PageSize) + 1);

        var synced = await CompareAsync("app");

        Assert.True(synced.IsSynced());
        Assert.Equal(10 * PageSize, (long?)synced["status"]!["imageCount"]);
        Assert.Contains("at least 10000 images", synced.Message());
        Assert.Equal(10, AwsCalls("app").Count(call => call == "DescribeImages"));
    }

    [Fact]
    public async Task A_count_that_breaks_off_between_two_pages_keeps_the_last_one_and_is_made_again()
    {
        await CreateSyncedAsync("app");
        AddImages(1);
        await CompareAsync("app");
        AddImages(PageSize);
        using (Environment.Aws.Interfere(request => request.Name == RepositoryOf("app") && request.Operation == "DescribeImages" && request.Body.Contains("nextToken", StringComparison.Ordinal)
            ? Interference.AwsError("ThrottlingException") : null))
        {
            Assert.Equal(1, (long?)(await CompareAsync("app"))["status"]!["imageCount"]);
        }

        await UntilAsync("app", value => (long?)value["status"]!["imageCount"] == PageSize + 1);
    }

    private void AddImages(int count)
    {
        for (var number = 0; number < count; number++)
        {
            ((SandboxControlPlane)Environment).Registry.AddImage(RepositoryOf("app"), tag: null, sizeInBytes: 3);
        }
    }
}
