using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace InfraOperator.Sandbox.Ecr;

/// <summary>AWS's limits on what a request may say, from the service model and its documentation.</summary>
internal static partial class EcrRules
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void CheckName(string name)
    {
        CheckCount("repositoryName", name.Length, 2, 256);
        if (!NamePattern().IsMatch(name))
        {
            throw EcrError.Invalid("repositoryName", $"must satisfy regular expression '{NamePattern()}'");
        }
    }

    public static void CheckCount(string parameter, int count, int least, int most)
    {
        if (count < least || count > most)
        {
            throw EcrError.Invalid(parameter, $"must be between {least} and {most}, not {count}");
        }
    }

    public static Dictionary<string, string> ReadTags(JsonNode? tags)
    {
        var read = new Dictionary<string, string>();
        foreach (var tag in tags as JsonArray ?? [])
        {
            var (key, value) = ((string?)tag?["Key"], (string?)tag?["Value"]);
            if (key is null || value is null)
            {
                throw EcrError.Invalid("tags", "Key and Value must not be null");
            }

            CheckTagKey(key);
            if (value.Length > 256)
            {
                throw new EcrError("InvalidTagParameterException", $"Invalid parameter at 'tagValue' failed to satisfy constraint: 'must be at most 256 characters' (key {key})");
            }

            if (!read.TryAdd(key, value))
            {
                throw new EcrError("InvalidTagParameterException", $"Duplicate tag key: {key}");
            }
        }

        CheckTagCount(read.Count);
        return read;
    }

    public static void CheckTagKey(string key)
    {
        if (key.Length is < 1 or > 128 || key.StartsWith("aws:", StringComparison.OrdinalIgnoreCase))
        {
            throw new EcrError("InvalidTagParameterException", $"Invalid parameter at 'tagKey' failed to satisfy constraint: 'must be 1 to 128 characters and not begin with aws:' (key {key})");
        }
    }

    public static void CheckTagCount(int count)
    {
        if (count > 50)
        {
            throw new EcrError("TooManyTagsException", $"The repository would have {count} tags, more than 50.");
        }
    }

    public static (string Mode, JsonArray? Filters) Mutability(string mode, JsonArray? filters)
    {
        if (mode is not ("MUTABLE" or "IMMUTABLE" or "MUTABLE_WITH_EXCLUSION" or "IMMUTABLE_WITH_EXCLUSION"))
        {
            throw EcrError.Invalid("imageTagMutability", "must be one of MUTABLE, IMMUTABLE, MUTABLE_WITH_EXCLUSION, IMMUTABLE_WITH_EXCLUSION");
        }

        if (mode.EndsWith("_WITH_EXCLUSION", StringComparison.Ordinal) != filters is { Count: > 0 })
        {
            throw EcrError.Invalid("imageTagMutabilityExclusionFilters", "must be given with, and only with, a mode WITH_EXCLUSION");
        }

        CheckCount("imageTagMutabilityExclusionFilters", filters?.Count ?? 1, 1, 5);
        foreach (var filter in filters ?? [])
        {
            if ((string?)filter?["filterType"] != "WILDCARD" || !FilterPattern().IsMatch((string?)filter["filter"] ?? ""))
            {
                throw EcrError.Invalid("imageTagMutabilityExclusionFilters", $"must be WILDCARD and satisfy regular expression '{FilterPattern()}'");
            }
        }

        return (mode, filters);
    }

    public static bool IsImmutable(JsonObject repository, string tag)
    {
        var mode = (string)repository["imageTagMutability"]!;
        var excluded = (repository["imageTagMutabilityExclusionFilters"] as JsonArray ?? []).Any(filter =>
            Regex.IsMatch(tag, $"^{Regex.Escape((string)filter!["filter"]!).Replace("\\*", ".*", StringComparison.Ordinal)}$"));
        return mode.StartsWith("IMMUTABLE", StringComparison.Ordinal) != excluded;
    }

    /// <summary>AWS answers with the key's ARN, whatever way the key was named.</summary>
    public static JsonObject Encryption(JsonNode? asked, Registry registry)
    {
        var (type, key) = ((string?)asked?["encryptionType"] ?? "AES256", (string?)asked?["kmsKey"]);
        return (type, key) switch
        {
            ("AES256", null) => new() { ["encryptionType"] = type },
            ("KMS" or "KMS_DSSE", _) => new() { ["encryptionType"] = type, ["kmsKey"] = KeyArn(key ?? "alias/aws/ecr", registry) },
            _ => throw EcrError.Invalid("encryptionConfiguration", "must be AES256 without a key, or KMS or KMS_DSSE"),
        };
    }

    public static string ReadToken(string parameter, string token)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(token));
        }
        catch (FormatException)
        {
            throw EcrError.Invalid(parameter, "is not a token of this operation");
        }
    }

    /// <summary>AWS gives a policy back in its own spelling: indented, accounts as ARNs, a list of one as its element, principals in any order.</summary>
    public static string StorePolicy(string text)
    {
        CheckCount("policyText", text.Length, 0, 10_240);
        try
        {
            var policy = JsonNode.Parse(text)!.AsObject();
            IEnumerable<JsonNode?> statements = policy["Statement"] is JsonArray list ? list : new[] { policy["Statement"] };
            foreach (var statement in statements)
            {
                if (statement is not JsonObject { } each || (string?)each["Effect"] is not ("Allow" or "Deny") || !each.ContainsKey("Principal") && !each.ContainsKey("NotPrincipal"))
                {
                    throw EcrError.Invalid("PolicyText", "Invalid repository policy provided");
                }

                if (each["Principal"]?["AWS"] is { } principals)
                {
                    var arns = (principals is JsonArray many ? many.Select(one => (string)one!) : [(string)principals!])
                        .Select(who => AccountPattern().IsMatch(who) ? $"arn:aws:iam::{who}:root" : who).Reverse().ToArray();
                    each["Principal"]!["AWS"] = arns is [var only] ? only : new JsonArray([.. arns.Select(arn => (JsonNode)arn)]);
                }

                if (each["Action"] is JsonArray { Count: 1 } action)
                {
                    each["Action"] = action[0]!.DeepClone();
                }
            }

            return KeyPattern().Replace(policy.ToJsonString(Indented), "$1 : ");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or NullReferenceException or ArgumentException)
        {
            throw EcrError.Invalid("PolicyText", "Invalid repository policy provided");
        }
    }

    private static string KeyArn(string key, Registry registry)
    {
        if (key.StartsWith("arn:", StringComparison.Ordinal) && key.Contains(":key/", StringComparison.Ordinal))
        {
            return key;
        }

        var alias = key[(key.IndexOf("alias/", StringComparison.Ordinal) is >= 0 and var at ? at : 0)..];
        var id = Guid.TryParse(alias, out var given) ? given : new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(alias)).AsSpan(0, 16));
        return $"arn:aws:kms:{registry.Region}:{registry.AccountId}:key/{id}";
    }

    [GeneratedRegex(@"^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^[0-9a-zA-Z._*-]{1,128}\z")]
    private static partial Regex FilterPattern();

    [GeneratedRegex(@"^[0-9]{12}\z")]
    private static partial Regex AccountPattern();

    [GeneratedRegex(@"^(\s*""(?:[^""\\]|\\.)*""): ", RegexOptions.Multiline)]
    private static partial Regex KeyPattern();
}
