using System.Text.Json;

namespace InfraOperator.Conformance.Policies;

/// <summary>A policy as a person writes it beside one that AWS holds.</summary>
/// <param name="Same">Whether they mean the same.</param>
/// <param name="Wanted">The policy of a spec.</param>
/// <param name="Held">The policy in AWS.</param>
public sealed record PolicyPair(bool Same, string Wanted, string Held);

/// <summary>The pairs that people have met, each named by where it comes from and why it is as it is. The texts are kept byte for byte.</summary>
public static class PolicyCorpus
{
    public static IReadOnlyDictionary<string, PolicyPair> Lifecycle { get; } = Read("lifecycle");

    public static IReadOnlyDictionary<string, PolicyPair> Repository { get; } = Read("repository");

    private static Dictionary<string, PolicyPair> Read(string kind)
    {
        using var stream = typeof(PolicyCorpus).Assembly.GetManifestResourceStream($"policies/{kind}.json")!;
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.EnumerateArray().ToDictionary(
            pair => $"{pair.GetProperty("from").GetString()}: {pair.GetProperty("why").GetString()}",
            pair => new PolicyPair(pair.GetProperty("same").GetBoolean(), pair.GetProperty("wanted").GetRawText(), pair.GetProperty("held").GetRawText()));
    }
}
