using InfraOperator.Abstractions;
using InfraOperator.Kubernetes;

namespace InfraOperator.Grains.Providers;

/// <content>What repositories ask of the grain.</content>
internal sealed partial class ProviderGrain
{
    public async Task Register(ResourceKey dependent, bool waits, string? seen, string? repositoryName)
    {
        Add(dependent, repositoryName);
        await ReadIfUnknownAsync();
        if (waits || (seen is not null && _provider is not null && seen != ProviderViews.VersionOf(_provider)))
        {
            _dependents.SetWaiting(dependent, true);
            if (MayWrite)
            {
                _dependents.WakeWaiting();
            }
        }
    }

    public async Task<ProviderView> Resolve(ResourceKey dependent, string? repositoryName)
    {
        Add(dependent, repositoryName);
        _dependents.Doubt(dependent);
        try
        {
            await ReadIfUnknownAsync();
        }
        catch (KubernetesApiException exception)
        {
            _dependents.SetWaiting(dependent, true);
            return new() { State = ProviderState.NotReady, Message = $"AWSProvider '{_key.Namespace}/{_key.Name}' cannot be read: {exception.Message}" };
        }

        await VerdictAsync();
        var view = View(dependent.Namespace);
        _dependents.SetWaiting(dependent, view.State != ProviderState.Ready);
        return view;
    }

    public Task<AwsPlace?> Locate() => Task.FromResult(_provider is null ? null : View(_key.Namespace).Place);

    public Task Release(ResourceKey dependent)
    {
        _images.Release(dependent);
        if (_dependents.Remove(dependent))
        {
            RunWithin(_provider?.Metadata.IsDeleting == true ? TimeSpan.Zero : CountDelay);
        }

        return Task.CompletedTask;
    }

    public async Task<Observation> Observe(ResourceKey dependent, ObserveRequest request, AwsPlace? place, CancellationToken cancellationToken)
    {
        using var call = _underWay.Begin();
        await ReadyAsync(cancellationToken);
        return await _calls.ObserveAsync(dependent, request, place, cancellationToken);
    }

    public async Task<PreviewAnswer> Preview(ResourceKey dependent, PreviewRequest request, AwsPlace? place, CancellationToken cancellationToken)
    {
        using var call = _underWay.Begin();
        await ReadyAsync(cancellationToken);
        return MayWrite ? await _calls.PreviewAsync(dependent, request, place, cancellationToken) : new() { Failure = _calls.NotUsable(nameof(Preview), dependent) };
    }

    public async Task<ActionOutcome> Execute(ResourceKey dependent, string uid, EcrAction action, AwsPlace? place, CallPriority priority, bool continues, CancellationToken cancellationToken)
    {
        using var call = _underWay.Begin();
        await ReadyAsync(cancellationToken);
        return MayExecute(action) ? await _calls.ExecuteAsync(dependent, uid, action, place, priority, continues, cancellationToken) : new() { Failure = _calls.NotUsable(action.GetType().Name, dependent) };
    }

    // Keys in memory go on serving deletions after the provider broke; nothing else is written with them.
    private bool MayExecute(EcrAction action) => MayWrite || (action is DeleteRepository && _provider is { Metadata.IsPaused: false });

    // Whoever asks here had a view of the provider. That it came to another silo in between is no failure of theirs.
    private async Task ReadyAsync(CancellationToken cancellationToken)
    {
        if (_judgement is null)
        {
            await ReadIfUnknownAsync().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            await VerdictAsync(cancellationToken);
        }
    }

    // The verdict on the newest spec may be on its way. Waiting for it spares a repository a status that would be untrue in a moment,
    // and keeps it from being made where the spec no longer says.
    private async Task VerdictAsync(CancellationToken cancellationToken = default)
    {
        if (_provider is not null && Findings is null)
        {
            await _verdict.Task.WaitAsync(FirstVerdictTimeout, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Add(ResourceKey dependent, string? repositoryName)
    {
        if (_dependents.Add(dependent, repositoryName))
        {
            RunWithin(CountDelay);
        }
    }

    private async Task ReadIfUnknownAsync()
    {
        if (_provider is null && await (_reading ??= ReadAsync()) is { } found)
        {
            Accept(found);
        }
    }

    // After a restart every repository may ask before the watch has told of the provider: they share one read.
    private async Task<AWSProvider?> ReadAsync()
    {
        await Task.Yield();
        try
        {
            return await providers.FindAsync(_key, CancellationToken.None);
        }
        finally
        {
            _reading = null;
        }
    }
}
