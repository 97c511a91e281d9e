using Amazon.ECR;
using Amazon.ResourceGroupsTaggingAPI;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

namespace InfraOperator.Aws;

/// <summary>
/// The clients of one identity at one place. Safe for concurrent use. Not disposable on purpose: disposing a client breaks
/// the calls that are under way, while one that is merely dropped costs four kilobytes until it is collected.
/// </summary>
public sealed class AwsClients
{
    internal AwsClients(IAmazonECR ecr, IAmazonResourceGroupsTaggingAPI tagging, IAmazonSecurityTokenService sts)
    {
        Ecr = ecr;
        Tagging = tagging;
        Sts = sts;
    }

    /// <summary>Amazon ECR. What its calls throw, <see cref="AwsFailure.From"/> turns into a value.</summary>
    public IAmazonECR Ecr { get; }

    /// <summary>
    /// The tagging API, which reads the tags of many repositories with one call. Its answers may lag behind those of
    /// <see cref="Ecr"/>. What its calls throw, <see cref="AwsFailure.From"/> turns into a value.
    /// </summary>
    public IAmazonResourceGroupsTaggingAPI Tagging { get; }

    internal IAmazonSecurityTokenService Sts { get; }

    /// <summary>Asks AWS (STS, in the target's region) who these clients are; needs no permission.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<CallerIdentity> GetCallerIdentityAsync(CancellationToken cancellationToken)
    {
        var answer = await Sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), cancellationToken).ConfigureAwait(false);
        return new CallerIdentity(answer.Account, answer.Arn);
    }
}

/// <summary>Who AWS says that a caller is.</summary>
/// <param name="AccountId">The account, 12 digits.</param>
/// <param name="Arn">The ARN of the user or of the assumed role's session.</param>
public sealed record CallerIdentity(string AccountId, string Arn);
