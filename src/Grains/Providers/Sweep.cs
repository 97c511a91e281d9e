using InfraOperator.Abstractions;
using InfraOperator.Grains.Metrics;
using InfraOperator.Grains.Tenants;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Grains.Providers;

/// <summary>
/// Looks at all repositories of a provider with as few calls as AWS lets it, and tells those whose configuration or tags are not what they
/// were last found in order with. The others sleep on.
/// </summary>
/// <param name="key">The provider.</param>
/// <param name="dependents">Its repositories.</param>
/// <param name="calls">The calls that it may make now; null while it may make none.</param>
/// <param name="view">How the provider looks to a namespace.</param>
/// <param name="grains">Where the repositories are told.</param>
/// <param name="options">The bounds.</param>
/// <param name="time">The clock.</param>
/// <param name="metrics">Told what came of it.</param>
/// <param name="logger">The provider's log.</param>
internal sealed partial class Sweep(
    ResourceKey key,
    Dependents dependents,
    Func<EcrCalls?> calls,
    Func<string, ProviderView> view,
    IGrainFactory grains,
    OperatorOptions options,
    TimeProvider time,
    GrainMetrics metrics,
    ILogger logger)
{
    private const int ToldAtOnce = 64;

    // What denies the listing today may allow it after a change of the policy.
    private static readonly TimeSpan ListingPause = TimeSpan.FromHours(1);

    private AwsPlace? _place;
    private int? _pages;
    private long? _listingRefusedAt;
    private bool _tagsWereRefused;

    /// <summary>When a sweep last came to its end; null while none has.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Sweeps once.</summary>
    /// <returns>Whether it came to its end. It is no failure of any repository if not: the next one comes in a period.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        if (calls() is not { } current)
        {
            return false;
        }

        if (_place != current.Place)
        {
            (_place, _pages, _listingRefusedAt) = (current.Place, null, null);
        }

        var round = new Round(current, dependents.Swept.GroupBy(dependent => dependent.Key.Namespace).SelectMany(tenant => WithinBounds(tenant, current.Place)));
        var started = time.GetTimestamp();
        try
        {
            if (await LookAsync(round, cancellationToken) is { } failure)
            {
                LogFailed(logger, key, failure.Operation, failure.Message);
                metrics.Swept("Failed", time.GetElapsedTime(started));
                return false;
            }
        }
        finally
        {
            TellOfTags(current);
        }

        EndedAt = time.GetUtcNow();
        metrics.Swept("Ended", time.GetElapsedTime(started));
        LogEnded(logger, key, round.Count, round.Told, time.GetElapsedTime(started).TotalMilliseconds);
        return true;
    }

    // Whoever was served before a tenancy rule was made may have registered all the same.
    private IEnumerable<Dependent> WithinBounds(IGrouping<string, Dependent> tenant, AwsPlace place)
    {
        var tenancy = Tenancy.Of(tenant.Key, options);
        return tenant.Where(dependent => tenancy.Includes(dependent.RepositoryName!, place));
    }

    private async Task<CallFailure?> LookAsync(Round round, CancellationToken cancellationToken)
    {
        if (MayList(round.Names.Count))
        {
            var failure = await ListAsync(round, cancellationToken);
            if (failure?.Kind != FailureKind.AccessDenied)
            {
                return failure;
            }

            _listingRefusedAt = time.GetTimestamp();
        }

        return await AskByNameAsync(round, cancellationToken);
    }

    // Whoever holds a small share of a large account asks for its own by name.
    private bool MayList(int repositories)
    {
        var batches = CallsFor(repositories, options.NamesPerCall);
        return batches > 1 && !(_pages > batches) && !(_listingRefusedAt is { } refusedAt && time.GetElapsedTime(refusedAt) < ListingPause);
    }

    private async Task<CallFailure?> ListAsync(Round round, CancellationToken cancellationToken)
    {
        string? next = null;
        var pages = 0;
        do
        {
            var page = await round.Calls.ListAsync(next, cancellationToken);
            if (page.Failure is { } failure)
            {
                return failure;
            }

            pages++;
            var found = page.Value!.Repositories.Where(repository => round.Names.Contains(repository.Key)).ToDictionary();
            await CompareAsync(round, found.Keys.ToArray(), found, cancellationToken);
            next = page.Value.Next;

            // That there are more pages than one's own repositories would take by name shows on the way.
            if (next is not null && pages > CallsFor(round.Names.Count, options.NamesPerCall))
            {
                _pages = pages + 1;
                return await AskByNameAsync(round, cancellationToken);
            }
        }
        while (next is not null);
        _pages = pages;
        await CompareAsync(round, [.. round.Names], new Dictionary<string, ObservedRepository>(), cancellationToken);
        return null;
    }

    private async Task<CallFailure?> AskByNameAsync(Round round, CancellationToken cancellationToken)
    {
        CallFailure? strange = null;
        var isAnswered = false;
        foreach (var names in round.Names.ToArray().Chunk(options.NamesPerCall))
        {
            var reads = await round.Calls.DescribeAsync(names, round.Calls.Pace.Own(CallPriority.Sweep));

            if (reads.Values.FirstOrDefault(static read => read.Failure is { } failure && !EcrCalls.ConcernsOne(failure)).Failure is { } failure)
            {
                return failure;
            }

            // Some of a provider's repositories may be denied to it, or have a name that AWS does not take; each tells so itself.
            strange ??= reads.Values.FirstOrDefault(static read => read.Failure is { Kind: not (FailureKind.AccessDenied or FailureKind.RepositoryNotFound) }).Failure;
            isAnswered |= reads.Values.Any(static read => read.Failure is null or { Kind: FailureKind.AccessDenied or FailureKind.RepositoryNotFound });
            await CompareAsync(
                round,
                [.. reads.Where(static read => read.Value.Failure is null or { Kind: FailureKind.RepositoryNotFound }).Select(static read => read.Key)],
                reads.Where(read => read.Value.Value is not null).ToDictionary(read => read.Key, read => read.Value.Value!),
                cancellationToken);
        }

        // Where no name at all makes sense, it is not the names.
        return isAnswered ? null : strange;
    }

    private async Task CompareAsync(Round round, IReadOnlyCollection<string> names, IReadOnlyDictionary<string, ObservedRepository> found, CancellationToken cancellationToken)
    {
        var tags = await round.Calls.FindTagsAsync(found.Values.Select(repository => repository.Arn));
        var news = new List<(Dependent Dependent, int Doubts, ObservedRepository? Repository, Fingerprint Fingerprint)>();
        foreach (var name in names)
        {
            // Where the tags cannot be read for a while, that is no news of them.
            var tagsWereRead = false;
            var repository = found.TryGetValue(name, out var described) ? described with { Tags = (tagsWereRead = tags.TryGetValue(described.Arn, out var read)) ? read : null } : null;
            var fingerprint = Fingerprint.Of(repository, tagsWereRead);
            news.AddRange(round.Take(name).Where(dependent => !dependent.Dependent.Fits(fingerprint)).Select(dependent => (dependent.Dependent, dependent.Doubts, repository, fingerprint)));
        }

        foreach (var batch in news.Chunk(ToldAtOnce))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.WhenAll(batch.Select(async one =>
            {
                round.Told++;
                if (await TellAsync(one.Dependent.Key, one.Repository))
                {
                    one.Dependent.Settle(one.Fingerprint, one.Doubts);
                }
            }));
        }
    }

    // One that cannot be told now, as its silo has just gone, is told by the next sweep.
    private async Task<bool> TellAsync(ResourceKey dependent, ObservedRepository? repository)
    {
        try
        {
            return await grains.GetGrain<IRepositoryGrain>(dependent.ToString()).Compare(new(view(dependent.Namespace), repository));
        }
        catch (Exception exception)
        {
            LogNotTold(logger, exception, dependent, key);
            return false;
        }
    }

    private void TellOfTags(EcrCalls current)
    {
        if (current.TagsRefusal is { } refusal && !_tagsWereRefused)
        {
            LogTagsRefused(logger, key, refusal.Message);
        }

        _tagsWereRefused = current.TagsRefusal is not null;
    }

    private static int CallsFor(int repositories, int each) => (repositories + each - 1) / each;

    /// <summary>One sweep: who is still to be looked for.</summary>
    private sealed class Round(EcrCalls calls, IEnumerable<Dependent> dependents)
    {
        private readonly ILookup<string, (Dependent Dependent, int Doubts)> _dependents = dependents.ToLookup(dependent => dependent.RepositoryName!, dependent => (dependent, dependent.Doubts));
        private HashSet<string>? _names;

        public EcrCalls Calls => calls;

        public HashSet<string> Names => _names ??= [.. _dependents.Select(named => named.Key)];

        public int Count => _dependents.Count;

        public int Told { get; set; }

        public IEnumerable<(Dependent Dependent, int Doubts)> Take(string name)
        {
            Names.Remove(name);
            return _dependents[name];
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Swept {Count} repositories of awsprovider {Provider} in {Milliseconds:0} ms; {Told} were told of what was seen")]
    private static partial void LogEnded(ILogger logger, ResourceKey provider, int count, int told, double milliseconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sweep of awsprovider {Provider} was given up, as {Operation} failed: {Problem}")]
    private static partial void LogFailed(ILogger logger, ResourceKey provider, string operation, string problem);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Could not tell ecrrepository {Repository} what a sweep of awsprovider {Provider} saw")]
    private static partial void LogNotTold(ILogger logger, Exception exception, ResourceKey repository, ResourceKey provider);

    [LoggerMessage(Level = LogLevel.Warning, Message = "awsprovider {Provider} cannot read tags many at a time, so they are compared one repository at a time and less often; allow tag:GetResources: {Problem}")]
    private static partial void LogTagsRefused(ILogger logger, ResourceKey provider, string problem);
}
