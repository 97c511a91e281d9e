using Amazon.Runtime;
using Amazon.Runtime.Credentials;

namespace InfraOperator.Aws.Credentials;

/// <summary>The process's own identity, looked for at the first call: the search may ask the instance's metadata over the network.</summary>
internal sealed class AmbientCredentials(IClientConfig config) : AWSCredentials, IRenewableCredentials
{
    private RefreshingAWSCredentials? _renewable;
    private string? _served;

    public bool IsRenewable => _renewable is not null;

    // The SDK keeps one object for the whole process and drops nothing before its time. Where many forget it at once, it is fetched a few times.
    public void Forget(string accessKeyId)
    {
        if (_served == accessKeyId)
        {
            _served = null;
            _renewable?.ClearCredentials();
        }
    }

    public override async Task<ImmutableCredentials> GetCredentialsAsync()
    {
        try
        {
            var found = await DefaultAWSCredentialsIdentityResolver.GetCredentialsAsync(config).ConfigureAwait(false);
            var current = await found.GetCredentialsAsync().ConfigureAwait(false);
            (_renewable, _served) = (found as RefreshingAWSCredentials, current.AccessKey);
            return current;
        }
        catch (Exception exception) when (exception is not CredentialsUnavailableException)
        {
            throw new CredentialsUnavailableException("GetCredentials", $"This process has no AWS identity of its own: {exception.Message}", exception);
        }
    }

    public override ImmutableCredentials GetCredentials() =>
        throw new NotSupportedException("Credentials are fetched asynchronously; a synchronous call would block a thread of the pool.");
}
