using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace InfraOperator.Aws.Tests.Policies;

/// <summary>Writes a JSON value in one of the many ways that mean the same to AWS: any order, any white space, any spelling of numbers.</summary>
internal sealed class JsonShuffle(int seed)
{
    private static readonly string[] Spaces = ["", "", " ", "\n", "\t ", "\r\n  "];
    private readonly Random _random = new(seed);

    public string Write(JsonNode? node)
    {
        var text = new StringBuilder();
        Write(node, text);
        return text.ToString();
    }

    private void Write(JsonNode? node, StringBuilder text)
    {
        Space(text);
        switch (node)
        {
            case JsonObject members:
                Join(text, '{', '}', members.Select(member => (Action)(() =>
                {
                    Space(text);
                    text.Append(JsonValue.Create(member.Key)!.ToJsonString());
                    Space(text);
                    text.Append(':');
                    Write(member.Value, text);
                })));
                break;
            case JsonArray items:
                Join(text, '[', ']', items.Select(item => (Action)(() => Write(item, text))));
                break;
            case JsonValue value when value.TryGetValue<int>(out var number):
                text.Append(Spell(number));
                break;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                break;
        }

        Space(text);
    }

    private void Join(StringBuilder text, char open, char close, IEnumerable<Action> writers)
    {
        var shuffled = writers.ToArray();
        _random.Shuffle(shuffled);
        text.Append(open);
        for (var index = 0; index < shuffled.Length; index++)
        {
            text.Append(index == 0 ? "" : ",");
            shuffled[index]();
        }

        text.Append(close);
    }

    private string Spell(int number) => _random.Next(4) switch
    {
        0 => $"{number}.0",
        1 => $"{number}0e-1",
        2 => string.Create(CultureInfo.InvariantCulture, $"{number / 10m}E+1"),
        _ => $"{number}",
    };

    private void Space(StringBuilder text) => text.Append(Spaces[_random.Next(Spaces.Length)]);
}
