using Amazon.ResourceGroupsTaggingAPI.Model;
using InfraOperator.Aws;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Conformance.Ecr;

/// <summary>
/// What every tagging API must do. An implementation may have no repositories among its resources; it is then asked about another
/// service's, whose ARNs and tags have the same form.
/// </summary>
public abstract class TaggingConformance : IDisposable
{
    private readonly AwsClientFactory _factory = new(TimeProvider.System, NullLoggerFactory.Instance);
    private readonly string _prefix = $"conformance/{Guid.NewGuid():n}/";
    private AwsClients? _clients;

    /// <summary>Where the implementation listens.</summary>
    protected abstract Uri Endpoint { get; }

    /// <summary>The type of the resources that <see cref="CreateAsync"/> creates.</summary>
    protected abstract string ResourceType { get; }

    protected AwsClients Clients => _clients ??= _factory.Create(new StaticIdentity("AKIAIOSFODNN7EXAMPLE", "secret", null), new AwsTarget("us-east-1", Endpoint));

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _factory.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_tags_of_many_resources_are_read_with_one_call()
    {
        var first = await Create("first", ("team", "Ärzte & 東京"), ("empty", ""));
        var second = await Create("second", ("team", "b"));
        await Create("not asked about", ("team", "c"));

        var read = await Get(new() { ResourceARNList = [second, first, first] });

        Assert.Equal(2, read.Count);
        Assert.Equal(new() { ["team"] = "Ärzte & 東京", ["empty"] = "" }, read[first]);
        Assert.Equal(new() { ["team"] = "b" }, read[second]);
    }

    [Fact]
    public async Task What_does_not_exist_or_never_bore_a_tag_is_left_out()
    {
        var tagged = await Create("tagged", ("a", "1"));
        var plain = await Create("plain");

        var read = await Get(new() { ResourceARNList = [tagged + "-not-there", plain, tagged] });

        Assert.Equal([tagged], read.Keys);
    }

    [Fact]
    public async Task All_resources_of_a_type_are_read_in_pages()
    {
        List<string> created = [];
        for (var number = 0; number < 5; number++)
        {
            created.Add(await Create($"page-{number}", ("number", $"{number}")));
        }

        var read = new Dictionary<string, Dictionary<string, string>>();
        var (token, pages) = ((string?)null, 0);
        do
        {
            var page = await Clients.Tagging.GetResourcesAsync(new() { ResourceTypeFilters = [ResourceType], ResourcesPerPage = 2, PaginationToken = token }, Cancel);
            Assert.InRange(page.ResourceTagMappingList!.Count, 1, 2);
            foreach (var (arn, tags) in TagsOf(page))
            {
                read.Add(arn, tags);
            }

            (token, pages) = (page.PaginationToken, pages + 1);
        }
        while (!string.IsNullOrEmpty(token));

        Assert.InRange(pages, 3, 100);
        Assert.All(created, (arn, number) => Assert.Equal(new() { ["number"] = $"{number}" }, read[arn]));
    }

    [Fact]
    public async Task Resources_of_other_types_are_left_out()
    {
        var arn = await Create("typed", ("a", "1"));

        Assert.Contains(arn, (await Get(new() { ResourceTypeFilters = ["s3:bucket", ResourceType], ResourcesPerPage = 100 })).Keys);
        Assert.DoesNotContain(arn, (await Get(new() { ResourceTypeFilters = ["s3:bucket"] })).Keys);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public async Task A_page_holds_1_to_100(int size)
    {
        var refused = await Assert.ThrowsAsync<InvalidParameterException>(() => Clients.Tagging.GetResourcesAsync(new() { ResourceTypeFilters = [ResourceType], ResourcesPerPage = size }, Cancel));

        var failure = AwsFailure.From(refused, "GetResources")!;
        Assert.Equal((AwsFailureKind.InvalidParameter, false), (failure.Kind, failure.OutcomeUnknown));
        Assert.Contains("ResourcesPerPage", failure.Message);
        Assert.NotNull(failure.RequestId);
    }

    [Fact]
    public async Task A_token_that_it_never_gave_is_refused()
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => Clients.Tagging.GetResourcesAsync(new() { ResourceTypeFilters = [ResourceType], PaginationToken = "never given" }, Cancel));

        Assert.Equal(AwsFailureKind.InvalidParameter, AwsFailure.From(refused, "GetResources")?.Kind);
    }

    /// <summary>Creates a resource and returns its ARN.</summary>
    /// <param name="name">A name that no other test has, in the form of a repository's.</param>
    /// <param name="tags">Its tags; none: it never bears any.</param>
    protected abstract Task<string> CreateAsync(string name, IReadOnlyDictionary<string, string> tags);

    private Task<string> Create(string suffix, params (string Key, string Value)[] tags) =>
        CreateAsync(_prefix + suffix.Replace(' ', '-'), tags.ToDictionary(tag => tag.Key, tag => tag.Value));

    private async Task<Dictionary<string, Dictionary<string, string>>> Get(GetResourcesRequest request) =>
        TagsOf(await Clients.Tagging.GetResourcesAsync(request, Cancel));

    private static Dictionary<string, Dictionary<string, string>> TagsOf(GetResourcesResponse page) =>
        page.ResourceTagMappingList!.ToDictionary(mapping => mapping.ResourceARN!, mapping => mapping.Tags!.ToDictionary(tag => tag.Key!, tag => tag.Value!));
}
