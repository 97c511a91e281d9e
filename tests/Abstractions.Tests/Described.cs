using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace InfraOperator.Abstractions.Tests;

/// <summary>Describes values by all that they hold, as JSON with ids in the place of names. Equal values have equal descriptions.</summary>
internal static class Described
{
    private const string Unset = "default";
    private const string TypeKey = "$";
    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The description on one line.</summary>
    public static string Text(object? value) => Text(Of(value));

    /// <summary>A description on one line.</summary>
    public static string Text(JsonNode? description) => description?.ToJsonString(Readable) ?? "null";

    /// <summary>The description.</summary>
    public static JsonNode? Of(object? value) => value switch
    {
        null => null,
        string text => text,
        bool truth => truth,
        Enum number => Convert.ToInt64(number, CultureInfo.InvariantCulture),
        int number => number,
        long number => number,
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        _ when IsUnsetArray(value) => Unset,
        IDictionary entries => new JsonObject(entries.Keys.Cast<string>().Order(StringComparer.Ordinal).Select(key => KeyValuePair.Create(key, Of(entries[key])))),
        IEnumerable items => new JsonArray([.. items.Cast<object>().Select(Of)]),
        _ => OfRecord(value),
    };

    /// <summary>
    /// In what a value differs from a description that an earlier version made. What the description does not know must have its default;
    /// what it knows must still be there.
    /// </summary>
    public static IEnumerable<string> Differences(JsonNode? kept, object? value, string path = "")
    {
        if (kept is JsonObject members && value is not null and not IDictionary)
        {
            return DifferencesOfRecord(members, value, path);
        }

        if (kept is JsonArray items && value is IEnumerable values && !IsUnsetArray(value) && values.Cast<object>().ToArray() is { } elements && elements.Length == items.Count)
        {
            return elements.SelectMany((element, index) => Differences(items[index], element, $"{path}[{index}]"));
        }

        return JsonNode.DeepEquals(kept, Of(value)) ? [] : [$"{path} is {Text(value)}, and was {Text(kept)}"];
    }

    private static IEnumerable<string> DifferencesOfRecord(JsonObject members, object value, string path)
    {
        var type = value.GetType();
        if (members[TypeKey]?.GetValue<string>() != KindOf(type))
        {
            yield return $"{path} is a {KindOf(type)}, and was a {members[TypeKey]}";
            yield break;
        }

        var defaults = Filled.Empty(type);
        var known = Filled.PropertiesOf(type).ToDictionary(property => Filled.KeyOf(property, type));
        foreach (var (key, property) in known)
        {
            var now = property.GetValue(value);
            var differences = members.TryGetPropertyValue(key, out var before)
                ? Differences(before, now, $"{path}/{key}")
                : Text(now) == Text(property.GetValue(defaults)) ? [] : [$"{path}/{key} is new, and is {Text(now)} where a message does not have it"];
            foreach (var difference in differences)
            {
                yield return difference;
            }
        }

        foreach (var (key, _) in members.Where(member => !known.ContainsKey(member.Key) && member.Key != TypeKey))
        {
            yield return $"{path}/{key} is no longer there";
        }
    }

    private static JsonObject OfRecord(object value)
    {
        var type = value.GetType();
        var members = new JsonObject(Filled.PropertiesOf(type)
            .Select(property => KeyValuePair.Create(Filled.KeyOf(property, type), Of(property.GetValue(value)))));
        if (KindOf(type) is { } kind)
        {
            members.Insert(0, TypeKey, kind);
        }

        return members;
    }

    /// <summary>The alias of a type that stands for others; null where the place that a value is in says what it is.</summary>
    private static string? KindOf(Type type) =>
        type.BaseType is { IsAbstract: true } && type.BaseType.IsDefined(typeof(GenerateSerializerAttribute)) ? Wire.Contracts.AliasOf(type) : null;

    private static bool IsUnsetArray(object value) =>
        value.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>) && (bool)type.GetProperty(nameof(ImmutableArray<>.IsDefault))!.GetValue(value)!;
}
