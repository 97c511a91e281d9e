using System.Collections.Immutable;
using InfraOperator.Abstractions;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Grains.Pace;

/// <content>What the account is told, and what comes of its answers.</content>
internal sealed partial class ProviderPace
{
    private void Report(bool inHurry)
    {
        if (_hurry is null && !_isEnded)
        {
            _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _ = ReportAsync(_hurry);
        }
        else if (inHurry)
        {
            _hurry?.TrySetResult();
        }
    }

    // Goes on while there are calls to tell of.
    private async Task ReportAsync(TaskCompletionSource hurry)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (Collect() is { } collected)
        {
            var grant = await AskAsync(collected).ConfigureAwait(false);
            TimeSpan period;
            lock (_lock)
            {
                if (grant is not null)
                {
                    Apply(grant);
                }

                LetGo();
                _isQuiet = !_lanes.Values.Any(static lane => lane.IsPressed);
                period = _isQuiet ? QuietPeriod : PressedPeriod;
            }

            if (grant is not null)
            {
                Entrance.CallIn();
            }

            await Task.Delay(ShortestPeriod, time).ConfigureAwait(false);
            await hurry.Task.WaitAsync(period - ShortestPeriod, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (_lock)
            {
                if (hurry.Task.IsCompleted)
                {
                    _hurry = hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }
        }
    }

    private async Task<PaceGrant?> AskAsync(PaceReport collected)
    {
        try
        {
            return await report(collected).WaitAsync(CallLane.GrantLifetime, time).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // What was granted before is good for a while, and then what needs no grant. Where the account's silo was lost, it may be that no answer ever comes.
            LogNotAsked(logger, exception, provider);
            return null;
        }
    }

    // Null, and the end of reports, where there is nothing to tell.
    private PaceReport? Collect()
    {
        lock (_lock)
        {
            var now = Now;
            var period = TimeSpan.FromSeconds(Math.Clamp((now - _reportedAt).TotalSeconds, PressedPeriod.TotalSeconds, QuietPeriod.TotalSeconds));
            _reportedAt = now;
            var classes = _lanes.Values.Where(static lane => lane.HasNews).Select(lane => lane.Collect(period)).ToImmutableArray();
            if (classes.IsEmpty || _isEnded)
            {
                _hurry = null;
                return null;
            }

            return new(provider, classes);
        }
    }

    private void Apply(PaceGrant grant)
    {
        var now = Now;
        foreach (var granted in grant.Classes)
        {
            LaneOf(granted.Class).Apply(granted, now);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The account of awsprovider {Provider} gave no answer about the pace")]
    private static partial void LogNotAsked(ILogger logger, Exception exception, ResourceKey provider);
}
