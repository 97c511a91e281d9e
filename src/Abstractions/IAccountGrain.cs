using Orleans.Concurrency;

namespace InfraOperator.Abstractions;

/// <summary>
/// What the providers of one AWS account share in one region: how fast AWS lets them call. It learns that from what their calls came to, and
/// divides it among them. Key: account, region and, where it is not AWS's own, the endpoint.
/// </summary>
[Alias("infra.v1.IAccountGrain"), GrainInterfaceType("infra.v1.IAccountGrain")]
public interface IAccountGrain : IGrainWithStringKey
{
    /// <summary>Tells what a provider's calls came to since its last report, and asks how fast it may go on.</summary>
    /// <param name="report">The calls.</param>
    /// <returns>The provider's share, good until its next report and for some seconds at most.</returns>
    [AlwaysInterleave]
    [Alias("Report")]
    Task<PaceGrant> Report(PaceReport report);
}
