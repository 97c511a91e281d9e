using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using YamlDotNet.Serialization;

namespace InfraOperator.Abstractions.Tests;

/// <summary>The records and the CRDs' schemas name the same fields with fitting types.</summary>
public sealed class SchemaTests
{
    /// <summary>Fields of the schemas that no record holds yet, or never shall. Who fills one takes it off this list.</summary>
    private static readonly string[] NotInRecords =
    [
        "ecrrepositories.status.createdAt",
    ];

    [Fact]
    public void Every_field_of_the_schemas_is_in_a_record_but_for_those_listed() =>
        Assert.Equal(NotInRecords.Order(StringComparer.Ordinal), Differences().Where(difference => difference.Kind == "no record").Select(difference => difference.Path).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_field_of_the_records_is_in_a_schema() =>
        Assert.DoesNotContain(Differences(), difference => difference.Kind == "no schema");

    [Fact]
    public void The_types_fit() => Assert.DoesNotContain(Differences(), difference => difference.Kind.StartsWith("type", StringComparison.Ordinal));

    private static IEnumerable<(string Path, string Kind)> Differences() =>
        from crd in ((string, Type, Type)[])[("awsproviders", typeof(AWSProviderSpec), typeof(AWSProviderStatus)), ("ecrrepositories", typeof(ECRRepositorySpec), typeof(ECRRepositoryStatus))]
        from part in ((string, Type)[])[("spec", crd.Item2), ("status", crd.Item3)]
        from difference in Compare($"{crd.Item1}.{part.Item1}", In(Schema(crd.Item1), "properties", part.Item1), part.Item2)
        select difference;

    private static IEnumerable<(string Path, string Kind)> Compare(string path, Dictionary<object, object> schema, Type type)
    {
        var fields = In(schema, "properties").ToDictionary(pair => (string)pair.Key, pair => (Dictionary<object, object>)pair.Value);
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetCustomAttribute<JsonIgnoreAttribute>() is null)
            .ToDictionary(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name), property => property.PropertyType);
        foreach (var name in fields.Keys.Union(properties.Keys))
        {
            var where = $"{path}.{name}";
            if (!properties.TryGetValue(name, out var property))
            {
                yield return (where, "no record");
            }
            else if (!fields.TryGetValue(name, out var field))
            {
                yield return (where, "no schema");
            }
            else
            {
                foreach (var difference in Fit(where, field, Nullable.GetUnderlyingType(property) ?? property))
                {
                    yield return difference;
                }
            }
        }
    }

    private static IEnumerable<(string Path, string Kind)> Fit(string path, Dictionary<object, object> schema, Type type)
    {
        var isTime = schema.GetValueOrDefault("format") is "date-time";
        return schema["type"] switch
        {
            "string" when type == (isTime ? typeof(DateTimeOffset) : typeof(string)) => [],
            "boolean" when type == typeof(bool) => [],
            "integer" when type == typeof(long) || type == typeof(int) => [],
            "array" when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>) => Fit($"{path}[]", In(schema, "items"), type.GenericTypeArguments[0]),
            "object" when schema.ContainsKey("additionalProperties") => type == typeof(ImmutableSortedDictionary<string, string>) ? [] : [(path, $"type: a map is no {type.Name}")],
            "object" when type.IsClass && type != typeof(string) => Compare(path, schema, type),
            var other => [(path, $"type: {other} is no {type.Name}")],
        };
    }

    private static Dictionary<object, object> Schema(string plural)
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "crds", $"{plural}.yaml"));
        var definition = new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(text);
        var version = (Dictionary<object, object>)((List<object>)In(definition, "spec")["versions"])[0];
        return In(version, "schema", "openAPIV3Schema");
    }

    private static Dictionary<object, object> In(Dictionary<object, object> node, params string[] path) =>
        path.Aggregate(node, (current, name) => (Dictionary<object, object>)current[name]);
}
