using System.Collections.Immutable;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace InfraOperator.Abstractions.Tests;

/// <summary>Every record that crosses a grain call arrives as it was sent. A property without an id would be lost on the way.</summary>
public sealed class SerializationTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer(builder => builder.AddAssembly(typeof(ECRRepository).Assembly)).BuildServiceProvider();

    public static TheoryData<string> Records => [.. typeof(ECRRepository).Assembly.GetTypes()
        .Where(type => type.GetCustomAttribute<GenerateSerializerAttribute>() is not null && !type.IsAbstract)
        .Select(type => type.Name)];

    [Fact]
    public void There_are_records() => Assert.True(Records.Count > 30);

    [Theory]
    [MemberData(nameof(Records))]
    public void With_all_fields_set_it_survives(string name)
    {
        var type = TypeOf(name);
        var value = Filled.Of(type);
        if (type.GetConstructor(Type.EmptyTypes) is { } constructor)
        {
            var empty = constructor.Invoke(null);
            Assert.All(Filled.PropertiesOf(type), property => Assert.NotEqual(Described.Text(property.GetValue(empty)), Described.Text(property.GetValue(value))));
        }

        AssertSurvives(value);
    }

    [Theory]
    [MemberData(nameof(Records))]
    public void With_its_defaults_it_survives(string name)
    {
        if (TypeOf(name).GetConstructor(Type.EmptyTypes) is { } constructor)
        {
            AssertSurvives(constructor.Invoke(null));
        }
    }

    [Fact]
    public void Empty_is_not_absent()
    {
        AssertSurvives(new ECRRepositorySpec { Tags = ImmutableSortedDictionary<string, string>.Empty, ImageTagMutabilityExclusionFilters = [] });
        AssertSurvives(new ECRRepositoryStatus { Drift = [], Conditions = [], Owned = new() { Fields = [], TagKeys = [] } });
        AssertSurvives(new ObservedRepository { Arn = "a", Uri = "u", RegistryId = "r", Tags = null });
        AssertSurvives(new ObservedRepository { Arn = "a", Uri = "u", RegistryId = "r", Tags = ImmutableSortedDictionary<string, string>.Empty });
    }

    [Fact]
    public void An_array_that_was_never_set_survives() =>
        AssertSurvives(new ResourceMetadata { Finalizers = default });

    [Fact]
    public void An_action_keeps_its_kind_inside_of_a_message()
    {
        foreach (var type in typeof(EcrAction).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(EcrAction))))
        {
            AssertSurvives<EcrAction>((EcrAction)Filled.Of(type));
        }
    }

    public void Dispose() => _services.Dispose();

    private static Type TypeOf(string name) => typeof(ECRRepository).Assembly.GetTypes().Single(type => type.Name == name);

    private void AssertSurvives<T>(T value)
    {
        var serializer = _services.GetRequiredService<Serializer>();
        var back = serializer.Deserialize<T>(serializer.SerializeToArray(value));
        Assert.Equal(Described.Text(value), Described.Text(back));
    }
}
