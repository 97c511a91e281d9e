using Amazon.Runtime;
using Amazon.Util.Internal;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Aws.Credentials;

/// <summary>
/// Temporary credentials from STS. Renewed ahead of their expiry by one call for all callers, who get the old ones meanwhile.
/// (The SDK's own classes for this take neither region nor endpoint, and fall back to us-east-1.)
/// </summary>
internal sealed partial class StsCredentials : RefreshingAWSCredentials, IRenewableCredentials
{
    /// <summary>The SDK passes no cancellation to a renewal, and all callers of a provider wait for it.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>A refused renewal answers those who ask shortly after, too: a thousand callers are no reason for a thousand calls.</summary>
    private static readonly TimeSpan FailureLasts = TimeSpan.FromSeconds(5);

    private readonly string _operation;
    private readonly Func<CancellationToken, Task<Amazon.SecurityToken.Model.Credentials>> _fetch;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private Failure? _failure;

    public StsCredentials(string operation, Func<CancellationToken, Task<Amazon.SecurityToken.Model.Credentials>> fetch, TimeProvider timeProvider, ILogger logger)
        : base(new SdkTime(timeProvider))
    {
        _operation = operation;
        _fetch = fetch;
        _clock = timeProvider;
        _logger = logger;
        PreemptExpiryTime = TimeSpan.FromMinutes(15);
    }

    public bool IsRenewable => true;

    public void Forget(string accessKeyId)
    {
        if (currentState is { } state && state.Credentials.AccessKey == accessKeyId)
        {
            LogRefused(accessKeyId);
            ClearCredentials();
        }
    }

    protected override async Task<CredentialsRefreshState> GenerateNewCredentialsAsync()
    {
        if (_failure is { } failure && _clock.GetElapsedTime(failure.Timestamp) < FailureLasts)
        {
            throw new CredentialsUnavailableException(_operation, failure.Exception.Message, failure.Exception.InnerException);
        }

        using var deadline = new CancellationTokenSource(Deadline, _clock);
        try
        {
            var credentials = await _fetch(deadline.Token).ConfigureAwait(false);
            _failure = null;
            return new CredentialsRefreshState(
                new ImmutableCredentials(credentials.AccessKeyId, credentials.SecretAccessKey, credentials.SessionToken),
                (credentials.Expiration ?? throw new AmazonClientException("STS named no time of expiry.")).ToUniversalTime(),
                new SdkTime(_clock));
        }
        catch (Exception exception)
        {
            var unavailable = exception switch
            {
                CredentialsUnavailableException already => already,
                OperationCanceledException when deadline.IsCancellationRequested =>
                    new CredentialsUnavailableException(_operation, $"{_operation} has not answered within {Deadline.TotalSeconds} s.", new TimeoutException()),
                _ => new CredentialsUnavailableException(_operation, $"{_operation} failed: {exception.Message}", exception),
            };
            _failure = new Failure(_clock.GetTimestamp(), unavailable);

            // Not the exception's own words: a refused signature is explained with the base identity's session token.
            LogFailed(_operation, AwsFailure.From(unavailable, _operation)?.Message ?? unavailable.GetType().Name);
            throw unavailable;
        }
    }

    /// <summary>Never called: <see cref="Pipeline.AttemptHandler"/> hands the signer fixed credentials.</summary>
    protected override CredentialsRefreshState GenerateNewCredentials() =>
        throw new NotSupportedException("Credentials are fetched asynchronously; a synchronous call would block a thread of the pool.");

    [LoggerMessage(LogLevel.Warning, "Credentials were not renewed by {Operation}: {Reason}")]
    private partial void LogFailed(string operation, string reason);

    [LoggerMessage(LogLevel.Information, "AWS refused the credentials {AccessKeyId}; they are fetched anew")]
    private partial void LogRefused(string accessKeyId);

    private sealed record Failure(long Timestamp, CredentialsUnavailableException Exception);

    private sealed class SdkTime(TimeProvider timeProvider) : ITimeProvider
    {
        public DateTime CorrectedUtcNow => timeProvider.GetUtcNow().UtcDateTime;
    }
}
