using System.Numerics;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace InfraOperator.Aws.Policies;

/// <summary>
/// One spelling for each JSON value: keys in order, no white space, numbers by value. Texts of equal values are equal, so sets
/// are sorted texts without repetition.
/// </summary>
internal static class CanonicalJson
{
    public static string Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => Object(value.EnumerateObject().Select(member => (member.Name, Of(member.Value)))),
        JsonValueKind.Array => List(value.EnumerateArray().Select(Of)),
        JsonValueKind.String => Text(value.GetString()!),
        JsonValueKind.Number => Number(value.GetRawText()),
        _ => value.GetRawText(),
    };

    public static string Object(IEnumerable<(string Name, string Value)> members) =>
        $"{{{string.Join(',', members.OrderBy(member => member.Name, StringComparer.Ordinal).Select(member => $"{Text(member.Name)}:{member.Value}"))}}}";

    public static string List(IEnumerable<string> values) => $"[{string.Join(',', values)}]";

    public static string Set(IEnumerable<string> values) => List(values.Distinct().Order(StringComparer.Ordinal));

    public static string Text(string value) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value)}\"";

    /// <summary>10, 10.0 and 1e1 are one number, also where it is beyond any numeric type.</summary>
    public static string Number(string raw)
    {
        var sign = raw.StartsWith('-') ? "-" : "";
        var parts = raw.TrimStart('-').Split('e', 'E');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var fraction = point < 0 ? 0 : parts[0].Length - point - 1;
        var all = parts[0].Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimEnd('0');
        var exponent = (parts.Length > 1 ? BigInteger.Parse(parts[1]) : 0) - fraction + (all.Length - digits.Length);
        digits = digits.TrimStart('0');
        return digits.Length == 0 ? "0"
            : exponent >= 0 && exponent < 20 ? $"{sign}{digits}{new string('0', (int)exponent)}"
            : $"{sign}{digits}e{exponent}";
    }
}
