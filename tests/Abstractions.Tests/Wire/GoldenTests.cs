using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace InfraOperator.Abstractions.Tests.Wire;

/// <summary>
/// Silos of two versions share a cluster during an upgrade. The bytes that each version writes are kept in Golden, one file a version that changed
/// any, and every version reads those of all before it.
/// </summary>
public sealed class GoldenTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    public static TheoryData<string, string, string> Kept => [.. GoldenLines.All.Where(line => line.Variant != GoldenLine.Values).Select(line => (line.Version.ToString(), line.Name, line.Variant))];

    [Fact]
    public void What_is_written_today_is_what_is_kept()
    {
        var lines = Contracts.Messages.SelectMany(Lines).Concat(Contracts.Enumerations.Select(Numbers)).ToArray();
        var changed = lines.Where(line => GoldenLines.Newest.GetValueOrDefault(line.Key) is not { } kept || kept.ToString() != line.ToString()).ToArray();

        Assert.True(changed.Length == 0, $"""
            These messages are not written as they were. If this is meant, and docs/development.md allows it, put the lines below into
            tests/Abstractions.Tests/Golden/{GoldenLines.Current}.txt. A line of the same message there is replaced, if {GoldenLines.Current} was not released;
            if it was, raise the version first. Files of earlier versions stay as they are.

            {string.Join('\n', changed.Select(line => line.ToString()))}

            """);
    }

    [Theory]
    [MemberData(nameof(Kept))]
    public void What_a_version_wrote_is_read(string version, string name, string variant)
    {
        var line = GoldenLines.All.Single(line => line.Version.ToString() == version && line.Key == (name, variant));
        var value = _services.GetRequiredService<Serializer>().Deserialize<object>(Convert.FromHexString(line.Hex));

        Assert.Equal(name, Contracts.AliasOf(value!.GetType()));
        Assert.Equal([], Described.Differences(line.Expected, value));
    }

    [Fact]
    public void The_values_of_an_enumeration_keep_their_numbers()
    {
        foreach (var line in GoldenLines.All.Where(line => line.Variant == GoldenLine.Values))
        {
            var today = JsonNode.Parse(Numbers(Contracts.Enumerations.Single(type => type.Name == line.Name)).Content)!;
            Assert.All(line.Expected!.AsObject(), value => Assert.Equal((int)value.Value!, (int?)today[value.Key]));
        }
    }

    [Fact]
    public void No_line_is_of_a_later_version_or_said_twice()
    {
        Assert.All(GoldenLines.All, line => Assert.True(line.Version <= GoldenLines.Current));
        Assert.Distinct(GoldenLines.All.Select(line => (line.Version, line.Key)));
    }

    public void Dispose() => _services.Dispose();

    private IEnumerable<GoldenLine> Lines(Type type) => [Line(type, GoldenLine.Full, Filled.Of(type)), Line(type, GoldenLine.Blank, Filled.Empty(type))];

    private GoldenLine Line(Type type, string variant, object value)
    {
        // As an object, so that the type's name is in the bytes too.
        var bytes = _services.GetRequiredService<Serializer>().SerializeToArray<object>(value);
        return new(GoldenLines.Current, Contracts.AliasOf(type) ?? type.Name, variant, Convert.ToHexStringLower(bytes), Described.Text(value));
    }

    private static GoldenLine Numbers(Type type) =>
        new(GoldenLines.Current, type.Name, GoldenLine.Values, "-", Described.Text(new JsonObject(Enum.GetValues(type).Cast<Enum>().Select(value => KeyValuePair.Create(value.ToString(), Described.Of(value))))));
}
