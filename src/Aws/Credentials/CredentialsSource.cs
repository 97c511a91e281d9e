using Amazon;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Aws.Credentials;

/// <summary>Turns an identity into credentials for one target. STS is asked where the target says, never elsewhere.</summary>
internal sealed class CredentialsSource(TimeProvider timeProvider, ILogger logger, Func<AWSCredentials, AwsTarget, IAmazonSecurityTokenService> createSts)
{
    private const int SessionSeconds = 3600;

    /// <summary>Always explicit credentials: null would let a misconfigured identity fall through to the process's own.</summary>
    public AWSCredentials Create(AwsIdentity identity, AwsTarget target) => identity switch
    {
        StaticIdentity { SessionToken: { Length: > 0 } token } session => new SessionAWSCredentials(session.AccessKeyId, session.SecretAccessKey, token),
        StaticIdentity keys => new BasicAWSCredentials(keys.AccessKeyId, keys.SecretAccessKey),
        WebIdentity web => FromWebIdentity(web, target),
        AssumedRole role => FromRole(role, target),
        AmbientIdentity => FromEnvironment(target),
        _ => throw new ArgumentOutOfRangeException(nameof(identity), identity.GetType().Name, "Not an identity that this version knows."),
    };

    private StsCredentials FromWebIdentity(WebIdentity web, AwsTarget target)
    {
        var sts = createSts(new AnonymousAWSCredentials(), target);
        return new StsCredentials("AssumeRoleWithWebIdentity", async cancellationToken =>
        {
            var token = await ReadTokenAsync(web.TokenFile, cancellationToken).ConfigureAwait(false);
            var answer = await sts.AssumeRoleWithWebIdentityAsync(
                new AssumeRoleWithWebIdentityRequest
                {
                    RoleArn = web.RoleArn,
                    RoleSessionName = web.SessionName,
                    WebIdentityToken = token,
                    DurationSeconds = SessionSeconds,
                },
                cancellationToken).ConfigureAwait(false);
            return answer.Credentials;
        }, timeProvider, logger);
    }

    private StsCredentials FromRole(AssumedRole role, AwsTarget target)
    {
        var sts = createSts(Create(role.Base, target), target);

        // An empty list is sent as one.
        var tags = role.Tags.Values.IsEmpty ? null : role.Tags.Values.Select(tag => new Tag { Key = tag.Key, Value = tag.Value }).ToList();
        return new StsCredentials("AssumeRole", async cancellationToken =>
        {
            var answer = await sts.AssumeRoleAsync(
                new AssumeRoleRequest
                {
                    RoleArn = role.RoleArn,
                    RoleSessionName = role.SessionName,
                    ExternalId = role.ExternalId is { Length: > 0 } id ? id : null,
                    DurationSeconds = SessionSeconds,
                    Tags = tags,
                },
                cancellationToken).ConfigureAwait(false);
            return answer.Credentials;
        }, timeProvider, logger);
    }

    private AWSCredentials FromEnvironment(AwsTarget target)
    {
        // The SDK's own resolver would serve a web identity with a class that ignores region and endpoint.
        if (Variable("AWS_ACCESS_KEY_ID") is null
            && Variable("AWS_ROLE_ARN") is { } role && Variable("AWS_WEB_IDENTITY_TOKEN_FILE") is { } file)
        {
            return FromWebIdentity(new WebIdentity(role, file, Variable("AWS_ROLE_SESSION_NAME") ?? "infra-operator"), target);
        }

        return new AmbientCredentials(new AmazonSecurityTokenServiceConfig { RegionEndpoint = RegionEndpoint.GetBySystemName(target.Region) });
    }

    private static async Task<string> ReadTokenAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return (await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false)).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Not as the inner exception: AWS is not unavailable when a file is.
            throw new CredentialsUnavailableException("AssumeRoleWithWebIdentity", $"The web identity token cannot be read: {exception.Message}", null);
        }
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
