using InfraOperator.Abstractions;
using InfraOperator.Grains.Status;

namespace InfraOperator.Grains.Providers;

/// <summary>What was found out about a provider's identity, and of which spec.</summary>
internal sealed record Judgement(AWSProvider Provider, ProviderFindings Findings)
{
    /// <summary>Whether it holds of this version of the object too.</summary>
    public bool IsOf(AWSProvider provider) => MeanTheSame(Provider, provider);

    /// <summary>Whether two versions of the object ask for the same.</summary>
    public static bool MeanTheSame(AWSProvider first, AWSProvider second) =>
        (first.Metadata.Uid, first.Metadata.Generation, first.Metadata.IsPaused, first.Malformed)
        == (second.Metadata.Uid, second.Metadata.Generation, second.Metadata.IsPaused, second.Malformed);
}
