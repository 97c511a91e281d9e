using System.Text.Json.Serialization.Metadata;
using InfraOperator.Kubernetes;

namespace InfraOperator.Grains.Hosting;

/// <summary>The fields that this version reads and writes, taken from the records themselves, so that none can be forgotten.</summary>
internal static class RequiredFields
{
    /// <summary>The paths of every field of spec and status, those that hold others before these.</summary>
    /// <param name="json">How the kind's objects are read.</param>
    public static IEnumerable<string[]> Of(JsonTypeInfo json) =>
        json.Properties.Where(property => property.Name is "spec" or "status").SelectMany(property => Of(json, property, []));

    private static IEnumerable<string[]> Of(JsonTypeInfo owner, JsonPropertyInfo property, string[] above)
    {
        string[] path = [.. above, property.Name];
        return [path, .. Below(owner, property.PropertyType, path)];
    }

    private static IEnumerable<string[]> Below(JsonTypeInfo owner, Type type, string[] path)
    {
        var json = owner.Options.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type);
        return json.Kind switch
        {
            JsonTypeInfoKind.Object => json.Properties.Where(IsInJson).SelectMany(property => Of(json, property, path)),
            JsonTypeInfoKind.Enumerable => Below(json, json.ElementType!, [.. path, ServedSchema.Each]),
            _ => [],
        };
    }

    // What a record only derives from its fields is listed here too, with neither a way to read nor to write it.
    private static bool IsInJson(JsonPropertyInfo property) => property.Get is not null || property.Set is not null;
}
