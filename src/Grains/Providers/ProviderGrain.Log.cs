using InfraOperator.Abstractions;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Grains.Providers;

/// <content>What the grain logs.</content>
internal sealed partial class ProviderGrain
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Reconciled awsprovider {Provider} for ecr: {Reason}, account {Account}")]
    private static partial void LogReconciled(ILogger logger, ResourceKey provider, string reason, string? account);

    [LoggerMessage(Level = LogLevel.Information, Message = "Released awsprovider {Provider}: no ecrrepository names it any longer")]
    private static partial void LogReleased(ILogger logger, ResourceKey provider);

    [LoggerMessage(Level = LogLevel.Information, Message = "The awsprovider {Provider} for ecr is gone")]
    private static partial void LogGone(ILogger logger, ResourceKey provider);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not reconcile awsprovider {Provider} for ecr with the Kubernetes API; trying again")]
    private static partial void LogKubernetes(ILogger logger, Exception exception, ResourceKey provider);

    [LoggerMessage(Level = LogLevel.Error, Message = "Could not reconcile awsprovider {Provider} for ecr; trying again")]
    private static partial void LogFailed(ILogger logger, Exception exception, ResourceKey provider);
}
