using System.Collections.Immutable;
using InfraOperator.Sandbox.Ecr;

namespace InfraOperator.Conformance.Sts;

/// <summary>Whom an access key stands for.</summary>
/// <param name="AccessKeyId">The key's id.</param>
/// <param name="Arn">The user's ARN, or that of the role's session.</param>
/// <param name="IamArn">What a trust policy calls it: the user's ARN, or the role's.</param>
/// <param name="Token">The session token that must come with the key; null where it is a user's own.</param>
/// <param name="Expires">When the key ends; null where it does not.</param>
/// <param name="Permissions">What it may do; null: nothing.</param>
public sealed record StsCaller(string AccessKeyId, string Arn, string IamArn, string? Token, DateTimeOffset? Expires, IdentityPolicy? Permissions)
{
    /// <summary>The secret access key.</summary>
    public string Secret { get; } = $"secret-{Guid.NewGuid():n}";

    /// <summary>The session's tags.</summary>
    public ImmutableDictionary<string, string> Tags { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Those of <see cref="Tags"/> that sessions inherit which begin with this one.</summary>
    public ImmutableHashSet<string> TransitiveTags { get; init; } = [];

    internal string Account => Arn.Split(':')[4];

    internal bool IsSession => IamArn != Arn;
}
