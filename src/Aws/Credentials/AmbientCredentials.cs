using Amazon.Runtime;
using Amazon.Runtime.Credentials;

namespace InfraOperator.Aws.Credentials;

/// <summary>The process's own identity, looked for at the first call: the search may ask the instance's metadata over the network.</summary>
internal sealed class AmbientCredentials(IClientConfig config) : AWSCredentials
{
    public override async Task<ImmutableCredentials> GetCredentialsAsync()
    {
        try
        {
            var found = await DefaultAWSCredentialsIdentityResolver.GetCredentialsAsync(config).ConfigureAwait(false);
            return await found.GetCredentialsAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not CredentialsUnavailableException)
        {
            throw new CredentialsUnavailableException("GetCredentials", $"This process has no AWS identity of its own: {exception.Message}", exception);
        }
    }

    public override ImmutableCredentials GetCredentials() =>
        throw new NotSupportedException("Credentials are fetched asynchronously; a synchronous call would block a thread of the pool.");
}
