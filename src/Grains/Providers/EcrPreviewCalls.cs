using System.Collections.Immutable;
using Amazon.ECR;
using Amazon.ECR.Model;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Pace;

namespace InfraOperator.Grains.Providers;

/// <summary>Previews of lifecycle policies.</summary>
internal sealed partial class EcrCalls
{
    private const int MaxPreviewPages = 10;

    // The schema's limits for status.lifecyclePreview.sample.
    private const int MaxSample = 20;

    /// <summary>Begins a preview, or reads one.</summary>
    public async Task<PreviewAnswer> PreviewAsync(PreviewRequest request, CallOrigin origin, CancellationToken cancellationToken)
    {
        var answer = request.PolicyText is { } text
            ? await TryAsync("StartLifecyclePolicyPreview", origin, async () =>
            {
                var started = await ecr.StartLifecyclePolicyPreviewAsync(new() { RepositoryName = request.RepositoryName, LifecyclePolicyText = text }, cancellationToken);
                return new PreviewAnswer { State = started.Status?.Value ?? throw Missing("status"), PolicyText = started.LifecyclePolicyText };
            }, cancellationToken)
            : await ReadPreviewAsync(request.RepositoryName, origin, cancellationToken);
        return answer.Value ?? new() { Failure = answer.Failure };
    }

    private async Task<CallResult<PreviewAnswer>> ReadPreviewAsync(string repositoryName, CallOrigin origin, CancellationToken cancellationToken)
    {
        var (page, failure) = await ReadPageAsync(null);
        if (page is null)
        {
            return new(null, failure);
        }

        var answer = new PreviewAnswer { State = page.Status!.Value, PolicyText = page.LifecyclePolicyText };
        if (page.Status != LifecyclePolicyPreviewStatus.COMPLETE)
        {
            return new(answer, null);
        }

        // The summary counts all results, so the pages are read only until there are enough to show.
        var summary = page.Summary!;
        var sample = ImmutableArray.CreateBuilder<string>();
        for (var pages = 1; ; pages++)
        {
            sample.AddRange((page.PreviewResults ?? [])
                .Where(result => result.Action?.Type == ImageActionType.EXPIRE)
                .Select(result => result.ImageTags?.FirstOrDefault() ?? result.ImageDigest)
                .OfType<string>()
                .Take(MaxSample - sample.Count));
            if (sample.Count == Math.Min(MaxSample, summary.ExpiringImageTotalCount ?? 0) || string.IsNullOrEmpty(page.NextToken) || pages == MaxPreviewPages)
            {
                break;
            }

            (page, failure) = await ReadPageAsync(page.NextToken);
            if (page is null)
            {
                return new(null, failure);
            }
        }

        return new(
            answer with
            {
                Expiring = summary.ExpiringImageTotalCount ?? 0,
                Archiving = summary.TransitioningImageTotalCounts?.Sum(count => count.ImageTotalCount ?? 0) ?? 0,
                Sample = sample.ToImmutable(),
            },
            null);

        Task<CallResult<GetLifecyclePolicyPreviewResponse>> ReadPageAsync(string? next) => TryAsync(
            "GetLifecyclePolicyPreview",
            origin,
            async () =>
            {
                var page = await ecr.GetLifecyclePolicyPreviewAsync(new() { RepositoryName = repositoryName, MaxResults = 100, NextToken = next }, cancellationToken);

                // Of what is complete everybody may take these for granted.
                return page.Status is null ? throw Missing("status")
                    : page.Status == LifecyclePolicyPreviewStatus.COMPLETE && page.Summary?.ExpiringImageTotalCount is null ? throw Missing("summary")
                    : page;
            },
            cancellationToken);
    }
}
