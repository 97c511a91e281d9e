using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>Secrets that are known again wherever they turn up: those that the suites plant, and those that STS gave out while they ran.</summary>
public static partial class PlantedSecrets
{
    /// <summary>What every planted secret holds, in a spelling that nothing else has.</summary>
    private const string Mark = "pLaNtEd";

    /// <summary>Of keys in a Secret and of the process's own.</summary>
    public const string SecretAccessKey = $"{Mark}/SecretAccessKey/0123456789+abcdef";

    /// <summary>Of temporary keys in a Secret.</summary>
    public const string SessionToken = $"{Mark}//SessionToken+0123456789/abcdefghijklmnopqrstuvwxyz==";

    /// <summary>What roles are assumed with by whoever has no keys.</summary>
    public const string WebIdentityToken = $"head.{Mark}WebIdentity.signature";

    /// <summary>What the API server is shown.</summary>
    public const string BearerToken = $"{Mark}.BearerToken.signature";

    /// <summary>What a proxy asks for.</summary>
    public const string ProxyPassword = $"{Mark}ProxyPassword";

    private static readonly ConcurrentDictionary<string, string> Known = new(
        from secret in new[] { SecretAccessKey, SessionToken, WebIdentityToken, BearerToken, ProxyPassword }
        from form in Forms(secret)
        select KeyValuePair.Create(form, secret));

    /// <summary>Remembers what an answer of STS gives out.</summary>
    public static void LearnFrom(string answer)
    {
        foreach (var given in Given().Matches(answer).Select(static match => match.Groups[1].Value).Where(static value => value.Length >= 16))
        {
            Learn(given);
        }
    }

    /// <summary>Remembers a secret that nobody planted.</summary>
    public static void Learn(string secret)
    {
        foreach (var form in Forms(secret))
        {
            Known[form] = secret;
        }
    }

    /// <summary>The secrets that a text holds, in whatever form.</summary>
    public static IEnumerable<string> FoundIn(string text) =>
        text.Contains(Mark, StringComparison.Ordinal) ? [Mark] : Known.Where(known => text.Contains(known.Key, StringComparison.Ordinal)).Select(static known => known.Value).Distinct();

    private static IEnumerable<string> Forms(string secret) =>
        new[] { secret, Uri.EscapeDataString(secret), Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)).TrimEnd('=') }.Distinct();

    [GeneratedRegex("<(?:SecretAccessKey|SessionToken)>([^<]+)</")]
    private static partial Regex Given();
}
