using System.Collections.Immutable;
using Amazon.ECR;
using Amazon.ECR.Model;
using Amazon.Runtime;
using InfraOperator.Abstractions;
using InfraOperator.Aws;
using InfraOperator.Grains.Pace;
using Tag = Amazon.ECR.Model.Tag;

namespace InfraOperator.Grains.Providers;

/// <summary>Turns the control plane's values into calls of the ECR client and its answers into values. Failures are values too.</summary>
internal sealed partial class EcrCalls
{
    private const int ImagePageSize = 1000;
    private const int MaxImagePages = 10;

    /// <summary>How often a call that is throttled is made: it comes to wait for its turn again, at a rate that has learnt of it.</summary>
    public const int Attempts = 4;

    // What AWS allows had been used up, maybe by calls of another class, or others' of the account. It takes a while to come back.
    private static readonly TimeSpan ThrottledPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Where the calls go.</summary>
    public AwsPlace Place => place;

    /// <summary>Reads a repository: its description, its tags, and what else is asked for.</summary>
    public async Task<Observation> ObserveAsync(ObserveRequest request, CallOrigin origin, CancellationToken cancellationToken)
    {
        var described = await DescribeAsync(request.RepositoryName, origin, cancellationToken);
        if (described.Failure is { } failure)
        {
            return new() { Failure = failure };
        }

        if (described.Value is not { } observed)
        {
            return new();
        }

        var tags = request.IsHint ? ReadTagsAsync(observed.Arn, origin, cancellationToken) : ListTagsAsync(observed.Arn, origin, cancellationToken);
        var lifecycle = request.LifecyclePolicy ? ReadLifecyclePolicyAsync(request.RepositoryName, origin, cancellationToken) : null;
        var policy = request.RepositoryPolicy ? ReadRepositoryPolicyAsync(request.RepositoryName, origin, cancellationToken) : null;
        var images = request.Images ? CountImagesAsync(request.RepositoryName, origin, cancellationToken) : null;

        var failures = ImmutableArray.CreateBuilder<CallFailure>();
        observed = observed with
        {
            Tags = await TakeAsync(tags, failures),
            LifecyclePolicy = await TakePolicyAsync(lifecycle, FailureKind.LifecyclePolicyNotFound, failures),
            RepositoryPolicy = await TakePolicyAsync(policy, FailureKind.RepositoryPolicyNotFound, failures),
            Images = images is null ? null : await TakeAsync(images, failures),
        };

        if (failures.FirstOrDefault(call => call.Kind is FailureKind.Paced) is { } paced)
        {
            return new() { Failure = paced };
        }

        // Deleted between two of the reads: the next look will say so.
        return failures.FirstOrDefault(call => call.Kind is FailureKind.RepositoryNotFound) is { } gone
            ? new() { Failure = gone with { Kind = FailureKind.Unavailable } }
            : new() { Repository = observed, PartialFailures = failures.ToImmutable() };
    }

    /// <summary>Tries whether the images of a repository may be read, by as little of them as can be asked for.</summary>
    /// <returns>Why not; null where they may.</returns>
    public async Task<CallFailure?> TryDescribeImagesAsync(string repositoryName, CancellationToken cancellationToken) =>
        (await TryAsync("DescribeImages", _pace.Own(CallPriority.Retry), () => ecr.DescribeImagesAsync(new() { RepositoryName = repositoryName, MaxResults = 1 }, cancellationToken), cancellationToken)).Failure;

    /// <summary>Carries out one write.</summary>
    public async Task<ActionOutcome> ExecuteAsync(EcrAction action, CallOrigin origin, CancellationToken cancellationToken)
    {
        var name = action.RepositoryName;
        var done = action switch
        {
            CreateRepository create => await TryAsync(nameof(CreateRepository), origin, async () => new ActionOutcome
            {
                Repository = Describe((await ecr.CreateRepositoryAsync(ToRequest(create), cancellationToken)).Repository) with
                {
                    Tags = create.Tags,
                    LifecyclePolicy = PolicyReading.None,
                    RepositoryPolicy = PolicyReading.None,
                    Images = new(0, 0, false),
                },
            }, cancellationToken),
            // Made anew, since a conversion would turn another spelling into AWS's own in silence, and AWS is to judge what the spec says.
            PutImageTagMutability put => await DoAsync(nameof(PutImageTagMutability), () => ecr.PutImageTagMutabilityAsync(
                new() { RepositoryName = name, ImageTagMutability = new ImageTagMutability(put.ImageTagMutability), ImageTagMutabilityExclusionFilters = ToFilters(put.ExclusionFilters) }, cancellationToken)),
            PutImageScanningConfiguration put => await DoAsync(nameof(PutImageScanningConfiguration), () => ecr.PutImageScanningConfigurationAsync(
                new() { RepositoryName = name, ImageScanningConfiguration = new() { ScanOnPush = put.ScanOnPush } }, cancellationToken)),
            PutLifecyclePolicy put => await PutAsync(
                nameof(PutLifecyclePolicy),
                async () => (await ecr.PutLifecyclePolicyAsync(new() { RepositoryName = name, LifecyclePolicyText = put.PolicyText }, cancellationToken)).LifecyclePolicyText,
                put.ReadBack ? () => ReadLifecyclePolicyAsync(name, origin, cancellationToken) : null),
            SetRepositoryPolicy set => await PutAsync(
                nameof(SetRepositoryPolicy),
                async () => (await ecr.SetRepositoryPolicyAsync(new() { RepositoryName = name, PolicyText = set.PolicyText }, cancellationToken)).PolicyText,
                set.ReadBack ? () => ReadRepositoryPolicyAsync(name, origin, cancellationToken) : null),
            DeleteLifecyclePolicy => await DoAsync(nameof(DeleteLifecyclePolicy), () => ecr.DeleteLifecyclePolicyAsync(new() { RepositoryName = name }, cancellationToken)),
            DeleteRepositoryPolicy => await DoAsync(nameof(DeleteRepositoryPolicy), () => ecr.DeleteRepositoryPolicyAsync(new() { RepositoryName = name }, cancellationToken)),
            TagResource tag => await DoAsync(nameof(TagResource), () => ecr.TagResourceAsync(new() { ResourceArn = tag.RepositoryArn, Tags = ToTags(tag.Tags) }, cancellationToken)),
            UntagResource untag => await DoAsync(nameof(UntagResource), () => ecr.UntagResourceAsync(new() { ResourceArn = untag.RepositoryArn, TagKeys = [.. untag.TagKeys] }, cancellationToken)),
            DeleteRepository delete => await DoAsync(nameof(DeleteRepository), () => ecr.DeleteRepositoryAsync(new() { RepositoryName = name, Force = delete.Force }, cancellationToken)),
            _ => throw new InvalidOperationException($"There is no call for {action.GetType().Name}."),
        };

        // What was to be removed and is not there, is removed.
        return done.Failure switch
        {
            null => done.Value!,
            { Kind: FailureKind.LifecyclePolicyNotFound } when action is DeleteLifecyclePolicy => ActionOutcome.Done,
            { Kind: FailureKind.RepositoryPolicyNotFound } when action is DeleteRepositoryPolicy => ActionOutcome.Done,
            { Kind: FailureKind.RepositoryNotFound } when action is DeleteRepository => ActionOutcome.Done,
            var failure => new() { Failure = failure },
        };

        Task<CallResult<ActionOutcome>> DoAsync(string operation, Func<Task> call) => TryAsync(
            operation,
            origin,
            async () =>
            {
                await call();
                return ActionOutcome.Done;
            },
            cancellationToken);

        // The reading is a call of its own, which waits for its turn when the put has ended.
        async Task<CallResult<ActionOutcome>> PutAsync(string operation, Func<Task<string?>> put, Func<Task<CallResult<PolicyReading>>>? read)
        {
            var answer = await TryAsync(operation, origin, async () => new ActionOutcome { PolicyText = await put() }, cancellationToken);
            return answer.Value is { } outcome && read is not null ? new(outcome with { PolicyText = (await read()).Value?.Text ?? outcome.PolicyText }, null) : answer;
        }
    }

    private Task<CallResult<PolicyReading>> ReadLifecyclePolicyAsync(string repositoryName, CallOrigin origin, CancellationToken cancellationToken) => TryAsync("GetLifecyclePolicy", origin, async () =>
        new PolicyReading(true, (await ecr.GetLifecyclePolicyAsync(new() { RepositoryName = repositoryName }, cancellationToken)).LifecyclePolicyText), cancellationToken);

    private Task<CallResult<PolicyReading>> ReadRepositoryPolicyAsync(string repositoryName, CallOrigin origin, CancellationToken cancellationToken) => TryAsync("GetRepositoryPolicy", origin, async () =>
        new PolicyReading(true, (await ecr.GetRepositoryPolicyAsync(new() { RepositoryName = repositoryName }, cancellationToken)).PolicyText), cancellationToken);

    private async Task<CallResult<ImageCount>> CountImagesAsync(string repositoryName, CallOrigin origin, CancellationToken cancellationToken)
    {
        var digests = new Dictionary<string, long>();
        string? next = null;
        var pages = 0;
        do
        {
            var read = await TryAsync("DescribeImages", origin, () => ecr.DescribeImagesAsync(new() { RepositoryName = repositoryName, MaxResults = ImagePageSize, NextToken = next }, cancellationToken), cancellationToken);
            if (read.Value is not { } page)
            {
                return new(null, read.Failure);
            }

            foreach (var image in page.ImageDetails ?? [])
            {
                digests[image.ImageDigest ?? ""] = image.ImageSizeInBytes ?? 0;
            }

            next = page.NextToken;
        }
        while (!string.IsNullOrEmpty(next) && ++pages < MaxImagePages);
        return new(new(digests.Count, digests.Values.Sum(), !string.IsNullOrEmpty(next)), null);
    }

    private static async Task<T?> TakeAsync<T>(Task<CallResult<T>> call, ImmutableArray<CallFailure>.Builder failures)
        where T : class
    {
        var result = await call;
        if (result.Failure is { } failure)
        {
            failures.Add(failure);
        }

        return result.Value;
    }

    private static async Task<PolicyReading> TakePolicyAsync(Task<CallResult<PolicyReading>>? call, FailureKind none, ImmutableArray<CallFailure>.Builder failures)
    {
        if (call is null)
        {
            return PolicyReading.NotRead;
        }

        var result = await call;
        if (result.Failure?.Kind == none)
        {
            return PolicyReading.None;
        }

        if (result.Failure is { } failure)
        {
            failures.Add(failure);
        }

        return result.Value ?? PolicyReading.NotRead;
    }

    private async Task<CallResult<T>> TryAsync<T>(string operation, CallOrigin origin, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using (var turn = await _pace.TakeAsync(OperationClasses.Of(operation), origin, cancellationToken, isAgain: attempt > 1))
            {
                if (origin.LastCheck?.Invoke(operation) is { } refusal)
                {
                    return new(default, refusal);
                }

                try
                {
                    return new(await call(), null);
                }
                catch (Exception exception) when (AwsFailure.From(exception, operation) is { } failure)
                {
                    turn.IsThrottled = failure.Kind == AwsFailureKind.Throttled;

                    // Where turns were taken beforehand, whoever took them decides whether to begin again.
                    if (!turn.IsThrottled || attempt == Attempts || origin.Reserved is not null)
                    {
                        return new(default, ToFailure(failure));
                    }
                }
            }

            await PauseAsync(attempt, cancellationToken);
        }
    }

    /// <summary>Waits before a call that was throttled comes to wait for its turn again.</summary>
    /// <param name="attempt">How often it has been made.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task PauseAsync(int attempt, CancellationToken cancellationToken) => Task.Delay(RetryDelay.Jittered(ThrottledPause * attempt), _time, cancellationToken);

    internal static CallFailure ToFailure(AwsFailure failure) => new(
        failure.Kind switch
        {
            AwsFailureKind.Throttled => FailureKind.Throttled,
            AwsFailureKind.Unavailable => FailureKind.Unavailable,
            AwsFailureKind.AccessDenied => FailureKind.AccessDenied,
            AwsFailureKind.CredentialsExpired => FailureKind.CredentialsExpired,
            AwsFailureKind.InvalidParameter => FailureKind.InvalidParameter,
            AwsFailureKind.InvalidTag => FailureKind.InvalidTag,
            AwsFailureKind.TooManyTags => FailureKind.TooManyTags,
            AwsFailureKind.QuotaExceeded => FailureKind.QuotaExceeded,
            AwsFailureKind.KmsKeyNotUsable => FailureKind.KmsKeyNotUsable,
            AwsFailureKind.RepositoryNotFound => FailureKind.RepositoryNotFound,
            AwsFailureKind.RepositoryAlreadyExists => FailureKind.RepositoryAlreadyExists,
            AwsFailureKind.RepositoryNotEmpty => FailureKind.RepositoryNotEmpty,
            AwsFailureKind.LifecyclePolicyNotFound => FailureKind.LifecyclePolicyNotFound,
            AwsFailureKind.RepositoryPolicyNotFound => FailureKind.RepositoryPolicyNotFound,
            AwsFailureKind.LifecyclePolicyPreviewInProgress => FailureKind.PreviewInProgress,
            AwsFailureKind.LifecyclePolicyPreviewNotFound => FailureKind.PreviewNotFound,
            _ => FailureKind.Unknown,
        },
        failure.Operation,
        failure.Code is null ? failure.Message : $"{failure.Code}: {failure.Message}",
        failure.OutcomeUnknown);

    private static CreateRepositoryRequest ToRequest(CreateRepository create) => new()
    {
        RepositoryName = create.RepositoryName,
        ImageTagMutability = create.ImageTagMutability is { } mutability ? new ImageTagMutability(mutability) : null,
        ImageTagMutabilityExclusionFilters = ToFilters(create.ExclusionFilters),
        ImageScanningConfiguration = create.ScanOnPush is { } scan ? new() { ScanOnPush = scan } : null,
        EncryptionConfiguration = create.Encryption is { } encryption ? new() { EncryptionType = encryption.EncryptionType, KmsKey = encryption.KmsKey } : null,
        Tags = ToTags(create.Tags),
    };

    private static List<ImageTagMutabilityExclusionFilter>? ToFilters(ImmutableArray<string> filters) =>
        filters.IsEmpty ? null : [.. filters.Select(filter => new ImageTagMutabilityExclusionFilter { FilterType = "WILDCARD", Filter = filter })];

    private static List<Tag> ToTags(ImmutableSortedDictionary<string, string> tags) =>
        [.. tags.Select(tag => new Tag { Key = tag.Key, Value = tag.Value })];

    private static ImmutableSortedDictionary<string, string> ToTags(List<Tag>? tags) =>
        (tags ?? []).Where(tag => tag.Key is not null).ToImmutableSortedDictionary(tag => tag.Key!, tag => tag.Value ?? "", StringComparer.Ordinal);

    private static ObservedRepository Describe(Amazon.ECR.Model.Repository? repository) => repository is null ? throw Missing("repository") : new()
    {
        Arn = repository.RepositoryArn ?? throw Missing("repositoryArn"),
        Uri = repository.RepositoryUri ?? throw Missing("repositoryUri"),
        RegistryId = repository.RegistryId ?? throw Missing("registryId"),
        CreationDate = repository.CreatedAt is { } created ? new DateTimeOffset(created.ToUniversalTime()) : DateTimeOffset.UnixEpoch,
        ImageTagMutability = repository.ImageTagMutability?.Value ?? "MUTABLE",
        ExclusionFilters = [.. (repository.ImageTagMutabilityExclusionFilters ?? []).Select(filter => filter.Filter).OfType<string>().Order(StringComparer.Ordinal)],
        ScanOnPush = repository.ImageScanningConfiguration?.ScanOnPush ?? false,
        EncryptionType = repository.EncryptionConfiguration?.EncryptionType?.Value ?? "AES256",
        KmsKey = repository.EncryptionConfiguration?.KmsKey,
    };

    // Whatever answers without these is no ECR: a proxy, or a mock that lacks the operation.
    private static AmazonClientException Missing(string member) => new($"The answer holds no '{member}'.");
}
