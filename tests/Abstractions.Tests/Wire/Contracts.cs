using System.Reflection;

namespace InfraOperator.Abstractions.Tests.Wire;

/// <summary>What crosses from silo to silo: the grain interfaces and the types that they mention, down to the last member.</summary>
internal static class Contracts
{
    private static readonly Assembly Assembly = typeof(ECRRepository).Assembly;
    private static readonly HashSet<Type> Seen = Walk();

    /// <summary>Every grain interface.</summary>
    public static IReadOnlyList<Type> GrainInterfaces { get; } =
        [.. Assembly.GetTypes().Where(type => type.IsInterface && type.IsAssignableTo(typeof(IAddressable)))];

    /// <summary>Our own types that a grain call can carry, or that bear <see cref="GenerateSerializerAttribute"/>; abstract ones too.</summary>
    public static IReadOnlyList<Type> Types { get; } = [.. Seen.Where(type => !type.IsEnum).OrderBy(type => type.Name, StringComparer.Ordinal)];

    /// <summary>The types of which there are values.</summary>
    public static IReadOnlyList<Type> Messages { get; } = [.. Types.Where(type => !type.IsAbstract)];

    /// <summary>Our own enumerations among them.</summary>
    public static IReadOnlyList<Type> Enumerations { get; } = [.. Seen.Where(type => type.IsEnum).OrderBy(type => type.Name, StringComparer.Ordinal)];

    /// <summary>The name of a type on the wire.</summary>
    public static string? AliasOf(MemberInfo member) => member.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias;

    private static HashSet<Type> Walk()
    {
        var seen = new HashSet<Type>();
        var open = new Stack<Type>(Assembly.GetTypes().Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)));
        foreach (var method in Assembly.GetTypes().Where(type => type.IsInterface && type.IsAssignableTo(typeof(IAddressable))).SelectMany(type => type.GetMethods()))
        {
            open.Push(method.ReturnType);
            Array.ForEach(method.GetParameters(), parameter => open.Push(parameter.ParameterType));
        }

        while (open.TryPop(out var type))
        {
            Array.ForEach(type.GenericTypeArguments, open.Push);
            if (type.HasElementType)
            {
                open.Push(type.GetElementType()!);
            }

            if (type.Assembly != Assembly || type.IsGenericParameter || !seen.Add(type) || type.IsEnum)
            {
                continue;
            }

            if (type.BaseType is { } parent)
            {
                open.Push(parent);
            }

            Array.ForEach([.. Assembly.GetTypes().Where(derived => derived.BaseType == type)], open.Push);
            Array.ForEach([.. MembersOf(type)], member => open.Push(member.FieldType));
        }

        return seen;
    }

    /// <summary>The fields that hold a type's state, whether or not they are sent.</summary>
    public static IEnumerable<FieldInfo> MembersOf(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);
}
