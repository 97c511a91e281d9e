using InfraOperator.Abstractions;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Grains.Repositories;

/// <content>What the grain logs.</content>
internal sealed partial class RepositoryGrain
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Could not reconcile ecrrepository {Repository}; trying again")]
    private static partial void LogFailed(ILogger logger, Exception exception, ResourceKey repository);

    [LoggerMessage(Level = LogLevel.Information, Message = "The reconcile of ecrrepository {Repository} waited for what a lost silo may have had; beginning again")]
    private static partial void LogBegunAgain(ILogger logger, ResourceKey repository);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Told of ecrrepository {Repository} in version {Version}; known: {Known}")]
    private static partial void LogTold(ILogger logger, ResourceKey repository, string version, string? known);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Reconciling ecrrepository {Repository} in version {Version}")]
    private static partial void LogRuns(ILogger logger, ResourceKey repository, string version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not make ecrrepository {Repository} known to its provider; trying again")]
    private static partial void LogNotRegistered(ILogger logger, Exception exception, ResourceKey repository);

    [LoggerMessage(Level = LogLevel.Information, Message = "ecrrepository {Repository} is gone, which no watch has told of")]
    private static partial void LogMissedEnd(ILogger logger, ResourceKey repository);

    [LoggerMessage(Level = LogLevel.Information, Message = "A sweep saw ecrrepository {Repository} differ; it is looked at")]
    private static partial void LogDiffers(ILogger logger, ResourceKey repository);
}
