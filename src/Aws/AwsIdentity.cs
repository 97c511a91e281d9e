using System.Text;

namespace InfraOperator.Aws;

/// <summary>
/// Who calls AWS. The values compare by content, so a changed identity is a different one and its clients are to be made anew.
/// </summary>
public abstract record AwsIdentity;

/// <summary>Keys that somebody stored, long-lived or with a session token.</summary>
/// <param name="AccessKeyId">The access key id; not secret.</param>
/// <param name="SecretAccessKey">The secret access key.</param>
/// <param name="SessionToken">The session token of temporary keys, else null.</param>
public sealed record StaticIdentity(string AccessKeyId, string SecretAccessKey, string? SessionToken) : AwsIdentity
{
    /// <summary>Shows the access key id only, so that no log line or message can carry a secret.</summary>
    protected override bool PrintMembers(StringBuilder builder)
    {
        builder.Append("AccessKeyId = ").Append(AccessKeyId);
        return true;
    }
}

/// <summary>
/// The identity that the process was given: keys in the environment, a web identity (IRSA), a profile, the container's
/// credentials (EKS Pod Identity), the instance's role, in this order.
/// </summary>
public sealed record AmbientIdentity : AwsIdentity;

/// <summary>A role assumed with a token of an identity provider that the role trusts (IRSA).</summary>
/// <param name="RoleArn">The role's ARN.</param>
/// <param name="TokenFile">The file that holds the token; read again at each refresh, since projected tokens rotate.</param>
/// <param name="SessionName">The session's name in CloudTrail, 2 to 64 of <c>[\w+=,.@-]</c>.</param>
public sealed record WebIdentity(string RoleArn, string TokenFile, string SessionName) : AwsIdentity;

/// <summary>A role assumed on top of another identity, such as one of another account.</summary>
/// <param name="Base">Who assumes the role.</param>
/// <param name="RoleArn">The role's ARN.</param>
/// <param name="ExternalId">The external id that the role's trust policy asks for, else null.</param>
/// <param name="SessionName">The session's name in CloudTrail, 2 to 64 of <c>[\w+=,.@-]</c>.</param>
public sealed record AssumedRole(AwsIdentity Base, string RoleArn, string? ExternalId, string SessionName) : AwsIdentity
{
    /// <summary>The tags that the session bears; roles that are assumed on top of this one do not inherit them.</summary>
    public SessionTags Tags { get; init; } = SessionTags.None;
}
