using System.Security.Cryptography.X509Certificates;

namespace InfraOperator.Aws.Pipeline;

/// <summary>
/// Reads each answer to its end before the SDK sees it. The SDK reads bodies synchronously also in its asynchronous calls: a
/// slow body would block a pool thread, could not be cancelled, and a cancelled one would return its connection to the pool
/// with a reader still on it, which makes the next callers hang.
/// </summary>
internal sealed class BufferingHandler(TimeProvider timeProvider, TimeSpan connectTimeout, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>A page of 1,000 repositories is half a megabyte; an endpoint that sends much more is none of AWS's.</summary>
    private const long MaxBody = 16 * 1024 * 1024;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static readonly string[] UnknownAuthority = [nameof(X509ChainStatusFlags.PartialChain), nameof(X509ChainStatusFlags.UntrustedRoot)];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Deadline, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        HttpResponseMessage? response = null;
        try
        {
            response = await base.SendAsync(request, either.Token).ConfigureAwait(false);
            await response.Content.LoadIntoBufferAsync(MaxBody, either.Token).ConfigureAwait(false);
            return response;
        }
        catch (Exception exception)
        {
            response?.Dispose();
            if (exception is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError })
            {
                throw new HttpRequestException(HttpRequestError.SecureConnectionError, ExplainTls(request.RequestUri?.Authority, exception.InnerException ?? exception), exception);
            }

            if (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw deadline.IsCancellationRequested
                    ? new HttpRequestException(HttpRequestError.Unknown, $"{request.RequestUri?.Authority} has not answered within {Deadline.TotalSeconds} s.", new TimeoutException())
                    : new HttpRequestException(HttpRequestError.ConnectionError, $"{request.RequestUri?.Authority} has not accepted a connection within {connectTimeout.TotalSeconds} s.", exception);
            }

            throw;
        }
    }

    // The runtime's words name neither the server nor what to do.
    private static string ExplainTls(string? server, Exception cause) =>
        UnknownAuthority.FirstOrDefault(status => cause.Message.Contains(status, StringComparison.Ordinal)) is { } unknown
            ? $"The certificate of {server} is signed by no CA that this process trusts ({unknown}). If a private CA signs for it, or for a proxy on the way, give the operator that CA's certificate and have SSL_CERT_DIR name its folder."
            : $"The TLS connection to {server} could not be made: {cause.Message}";
}
