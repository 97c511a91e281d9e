using System.Collections.Concurrent;
using System.Collections.Immutable;
using Amazon.ECR;
using Amazon.ResourceGroupsTaggingAPI;
using InfraOperator.Abstractions;
using InfraOperator.Aws;
using InfraOperator.Grains.Pace;

namespace InfraOperator.Grains.Providers;

/// <summary>Reads of many repositories with one call.</summary>
internal sealed partial class EcrCalls
{
    private const int RepositoriesPerPage = 1000;

    // What denies the call today may allow it after a change of the policy.
    private static readonly TimeSpan TagsPause = TimeSpan.FromHours(1);

    private readonly IAmazonECR ecr;
    private readonly IAmazonResourceGroupsTaggingAPI tagging;
    private readonly AwsPlace place;
    private readonly TimeProvider _time;
    private readonly int _namesPerCall;
    private readonly ProviderPace _pace;
    private readonly ConcurrentDictionary<(string Namespace, CallPriority Priority), CoalescedReads<ObservedRepository>> _descriptions = [];
    private readonly CoalescedReads<ImmutableSortedDictionary<string, string>> _tags;
    private long? _tagsRefusedAt;

    public EcrCalls(AwsClients clients, ProviderIdentity identity, AwsPlace place, ProviderPace pace, int namesPerCall, TimeProvider time)
    {
        (ecr, tagging, Identity, this.place, _pace, _namesPerCall, _time) = (clients.Ecr, clients.Tagging, identity, place, pace, namesPerCall, time);
        _tags = new(namesPerCall, GetTagsAsync, static _ => false, time);
    }

    /// <summary>As whom the calls are made.</summary>
    public ProviderIdentity Identity { get; }

    /// <summary>What gives the calls their turns.</summary>
    public ProviderPace Pace => _pace;

    /// <summary>Why the tags of many repositories cannot be read with one call; null while they can, as far as is known.</summary>
    public CallFailure? TagsRefusal { get; private set; }

    /// <summary>Whether a description of many repositories may have failed because of one of them.</summary>
    public static bool ConcernsOne(CallFailure failure) => failure.Kind is FailureKind.RepositoryNotFound or FailureKind.AccessDenied or FailureKind.InvalidParameter or FailureKind.Unknown;

    /// <summary>Reads the description of a repository, together with those that others ask for at the same time.</summary>
    /// <returns>The repository without its tags; neither it nor a failure where there is none.</returns>
    public async Task<CallResult<ObservedRepository?>> DescribeAsync(string repositoryName, CallOrigin origin, CancellationToken cancellationToken)
    {
        var read = _namesPerCall == 1 || origin.Reserved is not null
            ? await DescribeOneAsync(repositoryName, origin, cancellationToken)
            : await DescriptionsFor(origin).ReadAsync(repositoryName).WaitAsync(cancellationToken);
        return read.Failure?.Kind == FailureKind.RepositoryNotFound ? default : read;
    }

    /// <summary>Reads the descriptions of many repositories.</summary>
    public Task<IReadOnlyDictionary<string, CallResult<ObservedRepository?>>> DescribeAsync(IEnumerable<string> repositoryNames, CallOrigin origin) => DescriptionsFor(origin).ReadAsync(repositoryNames);

    /// <summary>Reads a page of all repositories of the account and region.</summary>
    /// <param name="token">Where the page before ended; null for the first.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<CallResult<RepositoryPage>> ListAsync(string? token, CancellationToken cancellationToken) => TryAsync("DescribeRepositories", _pace.Own(CallPriority.Sweep), async () =>
    {
        var page = await ecr.DescribeRepositoriesAsync(new() { MaxResults = RepositoriesPerPage, NextToken = token }, cancellationToken);
        return new RepositoryPage(ByName(page.Repositories), page.NextToken is { Length: > 0 } next ? next : null);
    }, cancellationToken);

    /// <summary>
    /// Reads the tags of a repository, where allowed together with those that others ask for at the same time. What is read so lags
    /// behind what was written, for seconds or minutes.
    /// </summary>
    public async Task<CallResult<ImmutableSortedDictionary<string, string>>> ReadTagsAsync(string arn, CallOrigin origin, CancellationToken cancellationToken) =>
        await FindTagsAsync(arn, cancellationToken) is { } tags ? new(tags, null) : await ListTagsAsync(arn, origin, cancellationToken);

    /// <summary>Whether the tags of many repositories were read with one call when that was last tried.</summary>
    public bool FindsTags { get; private set; } = true;

    /// <summary>Like <see cref="ReadTagsAsync"/>, but gives null where the tags cannot be read with those of others.</summary>
    public async Task<ImmutableSortedDictionary<string, string>?> FindTagsAsync(string arn, CancellationToken cancellationToken)
    {
        if (!MayFindTags)
        {
            return null;
        }

        // Not in the answer is what never bore a tag, what AWS has not heard of yet, and whatever an endpoint that is not AWS leaves out:
        // nothing is known of it then. What lost its last tag is in the answer.
        return (await _tags.ReadAsync(arn).WaitAsync(cancellationToken)).Value;
    }

    /// <summary>Like <see cref="FindTagsAsync(string, CancellationToken)"/>, of many repositories. Those of which nothing is known have none; those whose tags could not be read are left out.</summary>
    public async Task<IReadOnlyDictionary<string, ImmutableSortedDictionary<string, string>?>> FindTagsAsync(IEnumerable<string> arns) => MayFindTags
        ? (await _tags.ReadAsync(arns)).Where(read => read.Value.Failure is null).ToDictionary(read => read.Key, read => read.Value.Value)
        : ImmutableDictionary<string, ImmutableSortedDictionary<string, string>?>.Empty;

    private bool MayFindTags => !(_tagsRefusedAt is { } refusedAt && _time.GetElapsedTime(refusedAt) < TagsPause);

    private Task<CallResult<ImmutableSortedDictionary<string, string>>> ListTagsAsync(string arn, CallOrigin origin, CancellationToken cancellationToken) => TryAsync(
        "ListTagsForResource", origin, async () => ToTags((await ecr.ListTagsForResourceAsync(new() { ResourceArn = arn }, cancellationToken)).Tags), cancellationToken);

    private async Task<CallResult<ObservedRepository?>> DescribeOneAsync(string repositoryName, CallOrigin origin, CancellationToken cancellationToken)
    {
        var read = await DescribeAsync([repositoryName], origin, cancellationToken);
        return new(read.Value?.GetValueOrDefault(repositoryName), read.Failure);
    }

    // What one namespace asks for waits for no turn of another's. Nobody's cancellation ends what others wait for too.
    private CoalescedReads<ObservedRepository> DescriptionsFor(CallOrigin origin) => _descriptions.GetOrAdd((origin.Namespace, origin.Priority), who => new(
        _namesPerCall,
        names => DescribeAsync(names, new(who.Namespace, who.Priority, origin.Reconciles * names.Count), CancellationToken.None),
        ConcernsOne,
        _time));

    private Task<CallResult<IReadOnlyDictionary<string, ObservedRepository>>> DescribeAsync(IReadOnlyList<string> names, CallOrigin origin, CancellationToken cancellationToken) => TryAsync(
        "DescribeRepositories", origin, async () => ByName((await ecr.DescribeRepositoriesAsync(new() { RepositoryNames = [.. names] }, cancellationToken)).Repositories), cancellationToken);

    private async Task<CallResult<IReadOnlyDictionary<string, ImmutableSortedDictionary<string, string>>>> GetTagsAsync(IReadOnlyList<string> arns)
    {
        var read = await TryAsync<IReadOnlyDictionary<string, ImmutableSortedDictionary<string, string>>>("GetResources", _pace.Own(CallPriority.Sweep), async () =>
            ((await tagging.GetResourcesAsync(new() { ResourceARNList = [.. arns] }, CancellationToken.None)).ResourceTagMappingList ?? [])
            .Where(mapping => mapping.ResourceARN is not null)
            .ToDictionary(mapping => mapping.ResourceARN!, mapping => (mapping.Tags ?? []).Where(tag => tag.Key is not null).ToImmutableSortedDictionary(tag => tag.Key!, tag => tag.Value ?? "", StringComparer.Ordinal)), CancellationToken.None);

        // Also an endpoint that does not know the operation is one where tags are read one repository at a time.
        var isRefused = read.Failure is { Kind: not (FailureKind.Throttled or FailureKind.Unavailable or FailureKind.CredentialsExpired) };
        FindsTags = read.Value is { Count: > 0 };
        (TagsRefusal, _tagsRefusedAt) = (isRefused ? read.Failure : null, isRefused ? _time.GetTimestamp() : null);
        return read;
    }

    private static IReadOnlyDictionary<string, ObservedRepository> ByName(List<Amazon.ECR.Model.Repository>? repositories) =>
        (repositories ?? []).Where(repository => repository.RepositoryName is not null).ToDictionary(repository => repository.RepositoryName!, Describe);
}

/// <summary>A page of an account's repositories.</summary>
/// <param name="Repositories">The repositories by name, without tags.</param>
/// <param name="Next">Where the next page begins; null after the last.</param>
internal sealed record RepositoryPage(IReadOnlyDictionary<string, ObservedRepository> Repositories, string? Next);
