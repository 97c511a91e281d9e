using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Serialization;

namespace InfraOperator.Abstractions.Tests.Wire;

/// <summary>Whatever crosses from silo to silo has a name and numbers of its own, so that code may be renamed, moved and reordered between versions.</summary>
public sealed class ContractTests
{
    private const string Prefix = "infra.v1.";

    [Fact]
    public void The_walk_finds_interfaces_messages_and_enumerations()
    {
        Assert.Contains(typeof(IRepositoryGrain), Contracts.GrainInterfaces);
        Assert.Superset(new HashSet<Type> { typeof(ResourceKey), typeof(DeleteRepository), typeof(EcrAction), typeof(CallFailure) }, Contracts.Types.ToHashSet());
        Assert.Superset(new HashSet<Type> { typeof(FailureKind), typeof(ProviderState) }, Contracts.Enumerations.ToHashSet());
    }

    [Fact]
    public void A_grain_interface_has_a_name_of_its_own_and_so_has_each_method()
    {
        Assert.Equal([], Contracts.GrainInterfaces.Where(type => Contracts.AliasOf(type)?.StartsWith(Prefix, StringComparison.Ordinal) != true).Select(type => type.Name));
        Assert.Equal([], Contracts.GrainInterfaces.SelectMany(type => type.GetMethods()).Where(method => Contracts.AliasOf(method) is null).Select(Named));
        Assert.All(Contracts.GrainInterfaces, type => Assert.Distinct(type.GetMethods().Select(Contracts.AliasOf)));
    }

    [Fact]
    public void A_grain_interface_is_found_under_its_alias()
    {
        // The contract analyzer writes down what GrainInterfaceType says, so the two have to be one.
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var types = ActivatorUtilities.CreateInstance<GrainInterfaceTypeResolver>(services, (IEnumerable<IGrainInterfaceTypeProvider>)[new AttributeGrainInterfaceTypeProvider(services)]);
        Assert.All(Contracts.GrainInterfaces, type => Assert.Equal(Contracts.AliasOf(type), types.GetGrainInterfaceType(type).ToString()));
    }

    [Fact]
    public void What_a_grain_call_carries_is_serialized_by_generated_code_under_a_name_of_its_own()
    {
        Assert.Equal([], Contracts.Types.Where(type => !type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)).Select(type => type.Name));
        Assert.Equal([], Contracts.Types.Where(type => Contracts.AliasOf(type)?.StartsWith(Prefix, StringComparison.Ordinal) != true).Select(type => type.Name));
        Assert.Distinct(Contracts.Types.Concat(Contracts.GrainInterfaces).Select(Contracts.AliasOf));
    }

    [Fact]
    public void Each_member_has_a_number_of_its_own()
    {
        foreach (var type in Contracts.Types)
        {
            var properties = type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);
            var numbered = properties.Where(property => property.IsDefined(typeof(IdAttribute))).ToArray();

            // State that is not a numbered property would be lost on the way.
            Assert.Equal(
                numbered.Select(property => $"<{property.Name}>k__BackingField").Order(StringComparer.Ordinal),
                Contracts.MembersOf(type).Select(field => field.Name).Order(StringComparer.Ordinal));
            Assert.Distinct(numbered.Select(property => property.GetCustomAttribute<IdAttribute>()!.Id));
        }
    }

    [Fact]
    public void An_enumeration_says_its_numbers()
    {
        // They go over the wire. Their values are kept in Golden; int is what every version reads.
        Assert.All(Contracts.Enumerations, type => Assert.Equal(typeof(int), Enum.GetUnderlyingType(type)));
    }

    private static string Named(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";
}
