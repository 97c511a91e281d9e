using Microsoft.Extensions.Logging;

namespace InfraOperator.Kubernetes.Watching;

internal static partial class WatcherLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Watch of {Kind}: {Count} objects known after a {How} list")]
    public static partial void LogInformationListed(this ILogger logger, ResourceKind kind, int count, string how);

    [LoggerMessage(Level = LogLevel.Information, Message = "Watch of {Kind}: the server does not stream lists ({Failure}); they are read in pages from now on")]
    public static partial void LogInformationNoStreaming(this ILogger logger, ResourceKind kind, string failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "Watch of {Kind}: history is gone, listing again")]
    public static partial void LogInformationRelist(this ILogger logger, ResourceKind kind);

    [LoggerMessage(Level = LogLevel.Information, Message = "Watch of {Kind}: works again")]
    public static partial void LogInformationRecovered(this ILogger logger, ResourceKind kind);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Watch of {Kind} fails and is tried again until it works: {Failure}")]
    public static partial void LogWarningFailing(this ILogger logger, ResourceKind kind, string failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Watch of {Kind} fails and is tried again until it works: the server does not serve the kind; is the CustomResourceDefinition \"{Crd}\" installed? {Failure}")]
    public static partial void LogWarningNotServed(this ILogger logger, ResourceKind kind, string crd, string failure);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Watch of {Kind}: {Failure}; next try in {Pause}")]
    public static partial void LogDebugPause(this ILogger logger, ResourceKind kind, string failure, TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Watch of {Kind}: {Reference} cannot be read: {Error}")]
    public static partial void LogWarningMalformed(this ILogger logger, ResourceKind kind, ObjectReference reference, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Watch of {Kind}: an object that has no name that could be read is passed over: {Error}")]
    public static partial void LogWarningNameless(this ILogger logger, ResourceKind kind, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Watch of {Kind}: the news could not be handed over, it will come again")]
    public static partial void LogErrorHandler(this ILogger logger, Exception exception, ResourceKind kind);

    [LoggerMessage(Level = LogLevel.Error, Message = "Watch of {Kind}: unexpected failure, it is tried again")]
    public static partial void LogErrorUnexpected(this ILogger logger, Exception exception, ResourceKind kind);
}
