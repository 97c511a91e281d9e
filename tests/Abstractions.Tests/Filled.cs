using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;

namespace InfraOperator.Abstractions.Tests;

/// <summary>Makes values in which every property says something, and describes values by all their properties.</summary>
internal static class Filled
{
    /// <summary>A value of the type whose every property differs from its default.</summary>
    public static object Of(Type type)
    {
        var next = 1;
        return Make(type);

        object Make(Type wanted)
        {
            var target = Nullable.GetUnderlyingType(wanted) ?? wanted;
            return target switch
            {
                _ when target == typeof(string) => $"text{next++}",
                _ when target == typeof(bool) => true,
                _ when target == typeof(int) => next++,
                _ when target == typeof(long) => (long)next++,
                _ when target == typeof(DateTimeOffset) => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(next++),
                { IsEnum: true } => Enum.GetValues(target).Cast<object>().Last(),
                _ when target == typeof(ImmutableDictionary<string, string>) => ImmutableDictionary<string, string>.Empty.Add($"b{next++}", "1").Add($"a{next++}", ""),
                _ when target == typeof(ImmutableSortedDictionary<string, string>) => ImmutableSortedDictionary<string, string>.Empty.Add($"b{next++}", "1").Add($"a{next++}", ""),
                { IsGenericType: true } when target.GetGenericTypeDefinition() == typeof(ImmutableArray<>) => MakeArray(target.GenericTypeArguments[0]),
                _ => MakeRecord(target),
            };
        }

        object MakeArray(Type element)
        {
            var items = Array.CreateInstance(element, 2);
            items.SetValue(Make(element), 0);
            items.SetValue(Make(element), 1);
            return typeof(ImmutableArray).GetMethods().Single(method => method.Name == nameof(ImmutableArray.Create)
                    && method.GetParameters() is [{ ParameterType.IsArray: true, Name: "items" }])
                .MakeGenericMethod(element).Invoke(null, [items])!;
        }

        object MakeRecord(Type record)
        {
            var constructor = record.GetConstructors().OrderByDescending(candidate => candidate.GetParameters().Length)
                .First(candidate => candidate.GetParameters() is not [var only] || only.ParameterType != record);
            var made = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Make(parameter.ParameterType))]);
            foreach (var property in PropertiesOf(record).Where(_ => constructor.GetParameters().Length == 0))
            {
                property.SetValue(made, Make(property.PropertyType));
            }

            return made;
        }
    }

    /// <summary>The properties that hold state.</summary>
    public static IEnumerable<PropertyInfo> PropertiesOf(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite);

    /// <summary>Equal values have equal descriptions.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        IFormattable simple when value is not IEnumerable => $"{value.GetType().Name}:{simple.ToString(null, CultureInfo.InvariantCulture)}",
        bool truth => truth.ToString(),
        _ when value.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>)
            && (bool)type.GetProperty("IsDefault")!.GetValue(value)! => "default",
        IDictionary dictionary => $"{{{string.Join(',', dictionary.Keys.Cast<string>().Order(StringComparer.Ordinal).Select(key => $"{key}={dictionary[key]}"))}}}",
        IEnumerable items => $"[{string.Join(',', items.Cast<object>().Select(Describe))}]",
        _ => $"{value.GetType().Name}({string.Join(", ", PropertiesOf(value.GetType()).Select(property => $"{property.Name}: {Describe(property.GetValue(value))}"))})",
    };
}
