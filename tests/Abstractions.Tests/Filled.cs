using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace InfraOperator.Abstractions.Tests;

/// <summary>Makes values in which every property says something. What it says depends on the property's id alone, so that a new property changes no other.</summary>
internal static class Filled
{
    /// <summary>A value of the type whose every property differs from its default.</summary>
    public static object Of(Type type)
    {
        var made = Empty(type);
        foreach (var property in PropertiesOf(type))
        {
            property.SetValue(made, Make(property.PropertyType, $"{NameOf(type)}.{KeyOf(property, type)}", IdOf(property) ?? 0));
        }

        return made;
    }

    /// <summary>What a reader has of a message that says nothing: the constructor's defaults where there is a constructor without parameters, and zeros otherwise.</summary>
    public static object Empty(Type type) =>
        !type.IsValueType && type.GetConstructor(Type.EmptyTypes) is { } constructor ? constructor.Invoke(null) : RuntimeHelpers.GetUninitializedObject(type);

    /// <summary>The properties that hold state by their ids, base types' among them.</summary>
    public static IEnumerable<PropertyInfo> PropertiesOf(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite)
            .OrderBy(property => property.DeclaringType == type).ThenBy(IdOf);

    /// <summary>What tells a property from the others of its type in a message: its id; ids of base types are counted apart.</summary>
    public static string KeyOf(PropertyInfo property, Type type) =>
        $"{(property.DeclaringType == type ? "" : "base.")}{(object?)IdOf(property) ?? property.Name}";

    /// <summary>What the wire knows the type by, so that a class may be renamed.</summary>
    private static string NameOf(Type type) => Wire.Contracts.AliasOf(type)?.Split('.')[^1] ?? type.Name;

    private static uint? IdOf(PropertyInfo property) => property.GetCustomAttribute<IdAttribute>()?.Id;

    private static object Make(Type wanted, string text, uint id)
    {
        var target = Nullable.GetUnderlyingType(wanted) ?? wanted;
        return target switch
        {
            _ when target == typeof(string) => text,
            _ when target == typeof(bool) => true,
            _ when target == typeof(int) => 1000 + (int)id,
            _ when target == typeof(long) => 1000 + (long)id,
            _ when target == typeof(DateTimeOffset) => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(id),
            _ when target == typeof(TimeSpan) => TimeSpan.FromSeconds(1000 + id),
            { IsEnum: true } => Enum.ToObject(target, 1),

            // One entry: the order of more differs from process to process, and so would the bytes.
            _ when target == typeof(ImmutableDictionary<string, string>) => ImmutableDictionary<string, string>.Empty.Add($"{text}.a", "1"),
            _ when target == typeof(ImmutableSortedDictionary<string, string>) => ImmutableSortedDictionary<string, string>.Empty.Add($"{text}.b", "1").Add($"{text}.a", ""),
            { IsGenericType: true } when target.GetGenericTypeDefinition() == typeof(ImmutableArray<>) => MakeArray(target.GenericTypeArguments[0], text, id),
            _ => Of(Concrete(target)),
        };
    }

    private static object MakeArray(Type element, string text, uint id)
    {
        var items = Array.CreateInstance(element, 2);
        items.SetValue(Make(element, $"{text}[0]", id), 0);
        items.SetValue(Make(element, $"{text}[1]", id + 1), 1);
        return typeof(ImmutableArray).GetMethods().Single(method => method.Name == nameof(ImmutableArray.Create)
                && method.GetParameters() is [{ ParameterType.IsArray: true, Name: "items" }])
            .MakeGenericMethod(element).Invoke(null, [items])!;
    }

    private static Type Concrete(Type type) =>
        !type.IsAbstract ? type : type.Assembly.GetTypes().Where(candidate => candidate.IsSubclassOf(type) && !candidate.IsAbstract).MinBy(candidate => candidate.Name, StringComparer.Ordinal)!;
}
