using System.Reflection;
using InfraOperator.Grains.Hosting;
using Orleans.Metadata;

namespace InfraOperator.Grains.Tests.Contracts;

/// <summary>Grains are found by silos of other versions too, and what they send is told in Abstractions, where tests keep its bytes.</summary>
public sealed class GrainContractTests
{
    private static readonly Type[] Types = typeof(ControlPlaneExtensions).Assembly.GetTypes();

    [Fact]
    public void A_grain_class_has_a_type_of_its_own()
    {
        var grains = Types.Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IGrain))).ToArray();

        Assert.NotEmpty(grains);
        Assert.Equal([], grains.Where(type => !type.GetCustomAttributes().OfType<IGrainTypeProviderAttribute>().Any()).Select(type => type.Name));
        Assert.Distinct(grains.Select(type => type.GetCustomAttribute<GrainTypeAttribute>()!.GetGrainType(null!, type)));
    }

    [Fact]
    public void Grain_interfaces_and_messages_are_in_Abstractions()
    {
        Assert.Equal([], Types.Where(type => type.IsInterface && type.IsAssignableTo(typeof(IAddressable))).Select(type => type.Name));

        // A placement strategy bears the attribute by convention, and stays on its silo.
        Assert.Equal([], Types.Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false) && !type.IsAssignableTo(typeof(PlacementStrategy))).Select(type => type.Name));
    }
}
