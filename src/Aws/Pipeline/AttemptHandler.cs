using Amazon.Runtime;
using Amazon.Runtime.Internal;
using InfraOperator.Aws.Credentials;

namespace InfraOperator.Aws.Pipeline;

/// <summary>
/// Stands around each attempt of a call, inside the retries. It fetches the credentials once per attempt, asynchronously and
/// under the caller's cancellation: the SDK's signer would fetch them twice, the second time synchronously, and might sign with
/// one key beside the other's session token. And it remembers whether any attempt may have acted before its answer was lost, and
/// has each attempt counted.
/// </summary>
internal sealed class AttemptHandler(AwsMetrics metrics) : PipelineHandler
{
    private const string OutcomeUnknown = "InfraOperator.OutcomeUnknown";

    /// <summary>Whether the call that ended in this exception may have acted.</summary>
    public static bool IsOutcomeUnknown(Exception exception) => exception.Data.Contains(OutcomeUnknown);

    public override async Task<T> InvokeAsync<T>(IExecutionContext executionContext)
    {
        var request = executionContext.RequestContext;
        long? started = null;
        try
        {
            if (request.ExplicitAWSCredentials is { } credentials and not AnonymousAWSCredentials)
            {
                var current = await credentials.GetCredentialsAsync().WaitAsync(request.CancellationToken).ConfigureAwait(false);
                request.Identity = current.UseToken
                    ? new SessionAWSCredentials(current.AccessKey, current.SecretKey, current.Token)
                    : new BasicAWSCredentials(current.AccessKey, current.SecretKey);
                request.IsSigned = false;
            }

            started = metrics.Start();
            var answer = await base.InvokeAsync<T>(executionContext).ConfigureAwait(false);
            metrics.Succeeded(request.RequestName, started.Value);
            return answer;
        }
        catch (Exception exception)
        {
            if (exception is AmazonServiceException { ErrorCode: null or "" } nameless && FailureCodes.IsThrottle(nameless))
            {
                // From in front of the service, in a form that its unmarshaller does not know; the retries go by the code.
                nameless.ErrorCode = "ThrottlingException";
            }

            if (exception is AmazonServiceException { ErrorCode: { } code } && FailureCodes.IsExpiredToken(code)
                && request.ExplicitAWSCredentials is IRenewableCredentials refused && request.Identity is AWSCredentials used)
            {
                refused.Forget(used.GetCredentials().AccessKey);
            }

            if (MayHaveActed(exception))
            {
                request.ContextAttributes[OutcomeUnknown] = true;
            }

            if (request.ContextAttributes.ContainsKey(OutcomeUnknown))
            {
                exception.Data[OutcomeUnknown] = true;
            }

            if (started is { } began)
            {
                metrics.Failed(request.RequestName, exception, began);
            }

            throw;
        }
    }

    private static bool MayHaveActed(Exception exception) => exception switch
    {
        CredentialsUnavailableException => false,
        AmazonUnmarshallingException => true,
        AmazonServiceException { StatusCode: > 0 } answered => (int)answered.StatusCode >= 500,
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError } => false,
        _ => true,
    };
}
