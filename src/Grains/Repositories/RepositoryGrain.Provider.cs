using InfraOperator.Abstractions;
using InfraOperator.Grains.Status;

namespace InfraOperator.Grains.Repositories;

/// <content>How the grain keeps its provider informed that it exists.</content>
internal sealed partial class RepositoryGrain
{
    private IProviderGrain? _provider;

    // The provider may be on its way to another silo itself, or its silo just gone.
    private async Task RegisterAsync(ECRRepository repository)
    {
        var waits = repository.Status?.Condition(ConditionTypes.Synced)?.Reason is Reasons.ProviderNotReady or Reasons.ProviderNotFound or Reasons.ProviderNotAllowed;
        for (var attempt = 1; _provider is { } provider; attempt++)
        {
            try
            {
                await provider.Register(_key, waits, _memory.Seen, repository.Metadata.IsDeleting || repository.Metadata.IsPaused ? null : repository.Spec.RepositoryName);
                return;
            }
            catch (Exception exception)
            {
                LogNotRegistered(logger, exception, _key);
            }

            await Task.Delay(RetryDelay.After(options.Value, attempt, Mend.Time), time);
        }
    }

    // A provider hears of its repositories' comings and goings, so that none is woken, or counted, for nothing.
    private void FollowProvider(ECRRepository repository)
    {
        if (repository.Malformed is not null)
        {
            return;
        }

        var provider = reconciler.ProviderOf(_key, repository);
        if (_provider is not null && !_provider.Equals(provider))
        {
            _provider.Release(_key).Ignore();
        }

        _provider = provider;
    }
}
