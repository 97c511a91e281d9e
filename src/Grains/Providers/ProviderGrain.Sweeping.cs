using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Providers;

/// <content>When the grain sweeps its repositories.</content>
internal sealed partial class ProviderGrain
{
    private IGrainTimer _sweepTimer = null!;
    private Sweep _sweep = null!;
    private bool _isAskedToSweep;
    private bool _tellsOfSweep;

    private void BeginSweeping()
    {
        _sweep = new(_key, _dependents, () => MayWrite ? _proof.Calls : null, View, grains, Options, time, metrics, logger);
        _sweepTimer = this.RegisterGrainTimer(static (grain, token) => grain.SweepAsync(token), this, new()
        {
            // The first at any time of the period, so that a restart does not have all providers sweep together.
            DueTime = Options.ComparePeriod * Random.Shared.NextDouble(),
            Period = Timeout.InfiniteTimeSpan,
            Interleave = true,
        });
    }

    private void SweepNow()
    {
        _isAskedToSweep = true;
        _sweepTimer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        using var sweep = _underWay.Begin();
        var isAskedFor = _isAskedToSweep;
        _isAskedToSweep = false;
        try
        {
            if (await _sweep.RunAsync(cancellationToken) && (isAskedFor || _provider is { Status.LastSweepTime: null }))
            {
                _tellsOfSweep = true;
                RunNow();
            }
        }
        finally
        {
            // Somebody may have asked for another meanwhile.
            _sweepTimer.Change(_isAskedToSweep ? TimeSpan.Zero : RetryDelay.Jittered(Options.ComparePeriod), Timeout.InfiniteTimeSpan);
        }
    }

    // Written coarsely, but for who asked.
    private DateTimeOffset? SweptAt(AWSProvider provider)
    {
        var told = provider.Status?.LastSweepTime;
        if (_sweep.EndedAt is not { } ended || (!_tellsOfSweep && ended - told < Options.HeartbeatPeriod))
        {
            return told;
        }

        _tellsOfSweep = false;
        return ended;
    }
}
