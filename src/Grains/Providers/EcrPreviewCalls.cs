using System.Collections.Immutable;
using Amazon.ECR;
using Amazon.ECR.Model;
using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Providers;

/// <summary>Previews of lifecycle policies.</summary>
internal sealed partial class EcrCalls
{
    private const int MaxPreviewPages = 10;

    // The schema's limits for status.lifecyclePreview.sample.
    private const int MaxSample = 20;

    /// <summary>Begins a preview, or reads one.</summary>
    public async Task<PreviewAnswer> PreviewAsync(PreviewRequest request, CancellationToken cancellationToken)
    {
        var answer = request.PolicyText is { } text
            ? await TryAsync("StartLifecyclePolicyPreview", async () =>
            {
                var started = await ecr.StartLifecyclePolicyPreviewAsync(new() { RepositoryName = request.RepositoryName, LifecyclePolicyText = text }, cancellationToken);
                return new PreviewAnswer { State = started.Status?.Value ?? throw Missing("status"), PolicyText = started.LifecyclePolicyText };
            })
            : await TryAsync("GetLifecyclePolicyPreview", () => ReadPreviewAsync(request.RepositoryName, cancellationToken));
        return answer.Value ?? new() { Failure = answer.Failure };
    }

    private async Task<PreviewAnswer> ReadPreviewAsync(string repositoryName, CancellationToken cancellationToken)
    {
        var page = await ReadPageAsync(null);
        var answer = new PreviewAnswer { State = page.Status?.Value ?? throw Missing("status"), PolicyText = page.LifecyclePolicyText };
        if (page.Status != LifecyclePolicyPreviewStatus.COMPLETE)
        {
            return answer;
        }

        // The summary counts all results, so the pages are read only until there are enough to show.
        var summary = page.Summary;
        var sample = ImmutableArray.CreateBuilder<string>();
        for (var pages = 1; ; pages++)
        {
            sample.AddRange((page.PreviewResults ?? [])
                .Where(result => result.Action?.Type == ImageActionType.EXPIRE)
                .Select(result => result.ImageTags?.FirstOrDefault() ?? result.ImageDigest)
                .OfType<string>()
                .Take(MaxSample - sample.Count));
            if (sample.Count == Math.Min(MaxSample, summary?.ExpiringImageTotalCount ?? 0) || string.IsNullOrEmpty(page.NextToken) || pages == MaxPreviewPages)
            {
                break;
            }

            page = await ReadPageAsync(page.NextToken);
        }

        return answer with
        {
            Expiring = summary?.ExpiringImageTotalCount ?? throw Missing("summary"),
            Archiving = summary.TransitioningImageTotalCounts?.Sum(count => count.ImageTotalCount ?? 0) ?? 0,
            Sample = sample.ToImmutable(),
        };

        Task<GetLifecyclePolicyPreviewResponse> ReadPageAsync(string? next) =>
            ecr.GetLifecyclePolicyPreviewAsync(new() { RepositoryName = repositoryName, MaxResults = 100, NextToken = next }, cancellationToken);
    }
}
