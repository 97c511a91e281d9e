using System.Text.RegularExpressions;
using InfraOperator.Sandbox.Ecr;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>The IAM policies that are printed for users: each is the first JSON block under its heading.</summary>
public static partial class PrintedPolicies
{
    /// <summary>The policy that the user's document prints, as it is there.</summary>
    public static string OfTheDocument { get; } = Under(Path.Combine("tests", "Integration", "Document", "ecr-repository.md"), "**IAM Policy - ECR (ecr-policy.json):**");

    /// <summary>The same policy, as it is in our own documentation.</summary>
    public static string OfTheDocumentRepeated { get; } = UnderOurs("## The document's policy");

    /// <summary>All that this version can call.</summary>
    public static IdentityPolicy Full { get; } = IdentityPolicy.Parse(UnderOurs("## All that this version calls"));

    /// <summary>All that this version can call, for some repositories only.</summary>
    public static string Narrowed { get; } = UnderOurs("## Some repositories only");

    /// <summary>For providers all of whose repositories are kept when their objects go.</summary>
    public static IdentityPolicy WithoutDeletion { get; } = IdentityPolicy.Parse(UnderOurs("## Without deletion"));

    /// <summary>For providers all of whose repositories are only observed.</summary>
    public static IdentityPolicy ReadOnly { get; } = IdentityPolicy.Parse(UnderOurs("## Only to observe"));

    /// <summary>What an identity needs beside, to act as another account's role.</summary>
    public static IdentityPolicy AnotherRole { get; } = IdentityPolicy.Parse(UnderOurs("## Another account's role"));

    /// <summary>The same, where the session bears tags.</summary>
    public static IdentityPolicy AnotherRoleWithTags { get; } = IdentityPolicy.Parse(UnderOurs("### Another account's role, with tags"));

    /// <summary>Trusts the operator's service account.</summary>
    public static string TrustInServiceAccount { get; } = UnderOurs("### Trust in the service account (IRSA)");

    /// <summary>Trusts EKS Pod Identity.</summary>
    public static string TrustInPodIdentity { get; } = UnderOurs("### Trust in EKS Pod Identity");

    /// <summary>Trusts the operator's role, in another account.</summary>
    public static string TrustInAnotherAccount { get; } = UnderOurs("### Trust in another account");

    /// <summary>The same, where the operator's role is of EKS Pod Identity.</summary>
    public static string TrustInAnotherAccountsPod { get; } = UnderOurs("### Trust in another account's pod");

    /// <summary>Trusts the operator's role on behalf of one namespace.</summary>
    public static string TrustInOneNamespace { get; } = UnderOurs("### Trust in one namespace");

    private static string UnderOurs(string heading) => Under(Path.Combine("docs", "iam.md"), heading);

    private static string Under(string file, string heading)
    {
        var text = File.ReadAllText(Path.Combine(SourceTree.Root, file));
        var start = text.IndexOf($"\n{heading}\n", StringComparison.Ordinal);
        return start >= 0 && Block().Match(text, start) is { Success: true } block
            ? block.Groups[1].Value
            : throw new InvalidOperationException($"{file} has no policy under '{heading}'.");
    }

    [GeneratedRegex("\n```json\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
