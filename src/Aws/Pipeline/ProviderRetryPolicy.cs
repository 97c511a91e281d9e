using Amazon.Runtime;
using Amazon.Runtime.Internal;
using InfraOperator.Aws.Credentials;

namespace InfraOperator.Aws.Pipeline;

/// <summary>The SDK's standard retries, with the errors of ECR told apart and a quota of the client's own.</summary>
/// <remarks>Where calls go at a pace, a throttle is no matter of a retry within the call: the pace has to learn of it, and gives the call another turn.</remarks>
internal sealed class ProviderRetryPolicy : StandardRetryPolicy
{
    /// <summary>The SDK's own size: a retry costs 5, a success gives 1 back.</summary>
    private const int Quota = 500;

    private readonly bool _retriesThrottles;

    public ProviderRetryPolicy(int maxRetries, bool retriesThrottles)
        : base(maxRetries)
    {
        _retriesThrottles = retriesThrottles;

        // The SDK keeps one quota per endpoint for the whole process: one account's throttling would eat all others' retries.
        RetryCapacity = new RetryCapacity(Quota);

        // In ECR this means that the account's quota is used up, which no retry mends.
        ThrottlingErrorCodes.Remove("LimitExceededException");
        ThrottlingErrorCodes.Add("ThrottleException");
    }

    public override bool RetryForException(IExecutionContext executionContext, Exception exception) => exception switch
    {
        // Credentials come with retries of their own.
        CredentialsUnavailableException => false,

        // Who waited for the whole deadline has waited enough.
        HttpRequestException { InnerException: TimeoutException } => false,
        HttpRequestException => true,

        // AttemptHandler has forgotten the refused credentials, so that this attempt goes with new ones.
        AmazonServiceException { ErrorCode: { } code } when FailureCodes.IsExpiredToken(code) =>
            executionContext.RequestContext.ExplicitAWSCredentials is IRenewableCredentials { IsRenewable: true },
        _ when !_retriesThrottles && IsThrottlingError(exception) => false,
        _ => base.RetryForException(executionContext, exception),
    };

    public override Task<bool> RetryForExceptionAsync(IExecutionContext executionContext, Exception exception) =>
        Task.FromResult(RetryForException(executionContext, exception));
}
