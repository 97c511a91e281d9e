using InfraOperator.Abstractions;
using InfraOperator.Grains.Status;

namespace InfraOperator.Grains.Providers;

/// <summary>What was found out about a provider's identity, and of which spec.</summary>
internal sealed record Judgement(AWSProvider Provider, ProviderFindings Findings)
{
    /// <summary>Whether it holds of this version of the object too.</summary>
    public bool IsOf(AWSProvider provider) =>
        (Provider.Metadata.Uid, Provider.Metadata.Generation, Provider.Metadata.IsPaused, Provider.Malformed)
        == (provider.Metadata.Uid, provider.Metadata.Generation, provider.Metadata.IsPaused, provider.Malformed);
}
