using InfraOperator.Abstractions;
using InfraOperator.Grains.Metrics;
using InfraOperator.Grains.Placement;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace InfraOperator.Grains.Pace;

/// <inheritdoc cref="IAccountGrain"/>
[Reentrant]
[RendezvousPlacement]
[GrainType("account")]
internal sealed class AccountGrain(IOptions<OperatorOptions> options, TimeProvider time, GrainMetrics metrics) : Grain, IAccountGrain
{
    private AccountPace _pace = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _pace = new(AccountKey.Parse(this.GetPrimaryKeyString()), options.Value, time);
        metrics.Track(_pace);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        metrics.Forget(_pace);
        return Task.CompletedTask;
    }

    public Task<PaceGrant> Report(PaceReport report) => Task.FromResult(_pace.Report(report));
}
