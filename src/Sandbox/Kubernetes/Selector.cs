using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace InfraOperator.Sandbox.Kubernetes;

/// <summary>The labelSelector and fieldSelector of a list or watch.</summary>
internal sealed partial class Selector
{
    private readonly List<Func<JsonObject, bool>> _requirements = [];

    public static Selector Parse(string? labels, string? fields, ResourceType type)
    {
        var selector = new Selector();
        foreach (var text in Parts().Matches(labels ?? "").Select(match => match.Value.Trim()).Where(text => text.Length > 0))
        {
            selector._requirements.Add(Label(text));
        }

        foreach (var text in (fields ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            selector._requirements.Add(Field(text, type));
        }

        return selector;
    }

    public bool Matches(JsonObject shown) => _requirements.TrueForAll(requirement => requirement(shown));

    private static Func<JsonObject, bool> Label(string text)
    {
        var match = Requirement().Match(text);
        if (!match.Success)
        {
            throw ApiException.BadRequest($"unable to parse requirement: {text}");
        }

        var (key, op) = (match.Groups["key"].Value, match.Groups["op"].Value);
        var values = match.Groups["values"].Value.Split(',', StringSplitOptions.TrimEntries).ToHashSet();
        return op switch
        {
            "" => match.Groups["not"].Length > 0 ? shown => Value(shown) is null : shown => Value(shown) is not null,
            "!=" or "notin" => shown => Value(shown) is not { } value || !values.Contains(value),
            _ => shown => Value(shown) is { } value && values.Contains(value),
        };

        string? Value(JsonObject shown) => (string?)shown["metadata"]?["labels"]?[key];
    }

    private static Func<JsonObject, bool> Field(string text, ResourceType type)
    {
        var at = text.IndexOf('=');
        if (at < 1)
        {
            throw ApiException.BadRequest($"invalid selector: '{text}'; can't understand '{text}'");
        }

        var (negated, value) = (text[at - 1] == '!', text[(at + 1)..].TrimStart('='));
        var field = text[..(negated ? at - 1 : at)];
        if (field is not ("metadata.name" or "metadata.namespace") && !type.SelectableFields.Contains(field))
        {
            throw ApiException.BadRequest(type.Custom
                ? $"field label not supported: {field}"
                : $"\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
        }

        var path = field.Split('.');
        return shown => (path.Aggregate((JsonNode?)shown, (node, step) => (node as JsonObject)?[step])?.ToString() ?? "") == value != negated;
    }

    [GeneratedRegex(@"([^,(]|\([^)]*\))+")]
    private static partial Regex Parts();

    [GeneratedRegex(@"^(?<not>!\s*)?(?<key>[\w./-]+)\s*((?<op>==|=|!=)\s*(?<values>[\w.-]*)|(?<op>in|notin)\s*\((?<values>[^)]*)\))?$")]
    private static partial Regex Requirement();
}
