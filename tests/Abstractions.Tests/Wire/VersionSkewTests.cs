using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.Configuration;
using static InfraOperator.Abstractions.Tests.Wire.OtherVersion;

namespace InfraOperator.Abstractions.Tests.Wire;

/// <summary>What makes it safe to add members: the earlier version passes over what it does not know, the later one has defaults for what it is not told.</summary>
public sealed class VersionSkewTests
{
    [Fact]
    public void What_a_later_version_added_is_passed_over()
    {
        // Strings are written once and referred to by number from then on; what is passed over must still be counted.
        var told = new string("told once".AsSpan());
        var only = new string("in the later member only, then in a known one".AsSpan());
        var detail = new LaterDetail { Text = only, Number = long.MaxValue };
        var failure = new LaterCallFailure
        {
            Kind = FailureKind.Throttled,
            Operation = told,
            Message = "m",
            OutcomeUnknown = true,
            RequestId = told,
            Detail = detail,
            Details = [detail, new() { Text = told }],
            Labels = ImmutableSortedDictionary<string, string>.Empty.Add(told, only),
            At = DateTimeOffset.UnixEpoch,
        };
        var repository = new ObservedRepository { Arn = only, Uri = told, RegistryId = told };
        var sent = new LaterObservation { Failure = failure, Repository = repository, PartialFailures = [failure, failure with { Operation = only }], Anything = detail };

        var read = Send<Observation>(sent, writer: As(("CallFailure", typeof(LaterCallFailure)), ("Observation", typeof(LaterObservation))), reader: Today);

        var known = new CallFailure(FailureKind.Throttled, told, "m", OutcomeUnknown: true);
        Assert.Equal(Described.Text(new Observation { Failure = known, Repository = repository, PartialFailures = [known, known with { Operation = only }] }), Described.Text(read));
    }

    [Fact]
    public void What_an_earlier_version_does_not_say_has_its_default()
    {
        var read = Send<ProviderView>(new EarlierProviderView { State = ProviderState.Ready, Message = "m" }, writer: As(("ProviderView", typeof(EarlierProviderView))), reader: Today);

        Assert.Equal(Described.Text(new ProviderView { State = ProviderState.Ready, Message = "m" }), Described.Text(read));
        Assert.Empty(read.DefaultTags);
    }

    [Fact]
    public void Each_message_of_today_is_read_by_a_version_that_knows_less_and_by_one_that_knows_more()
    {
        var view = new ProviderView { State = ProviderState.Ready, Message = "m", AccountId = "a", OmitsOwnerTag = true };
        var less = Send<EarlierProviderView>(view, writer: Today, reader: As(("ProviderView", typeof(EarlierProviderView))));
        Assert.Equal(new EarlierProviderView { State = ProviderState.Ready, Message = "m" }, less);

        var more = Send<LaterObservation>(
            new Observation { Failure = new(FailureKind.Unknown, "o", "m") }, writer: Today, reader: As(("CallFailure", typeof(LaterCallFailure)), ("Observation", typeof(LaterObservation))));
        Assert.Equal(Described.Text(new LaterObservation { Failure = new() { Operation = "o", Message = "m" } }), Described.Text(more));
    }

    [Fact]
    public void A_number_that_the_reader_has_no_word_for_arrives_as_it_is()
    {
        var read = Send<CallFailure>(new LaterCallFailure { Kind = (FailureKind)4711 }, writer: As(("CallFailure", typeof(LaterCallFailure))), reader: Today);

        Assert.Equal((FailureKind)4711, read.Kind);
    }

    [Fact]
    public void A_kind_of_message_that_the_reader_does_not_know_is_not_read()
    {
        // Why a new kind of action is sent only by the version after the one that can read it.
        var sent = Written(new LaterAction { RepositoryName = "r" }, As(("LaterAction", typeof(LaterAction))));
        Assert.Throws<FieldTypeMissingException>(() => Read<EcrAction>(sent, Today));
    }

    private static T Send<T>(object message, Action<TypeManifestOptions> writer, Action<TypeManifestOptions> reader) => Assert.IsType<T>(Read<object>(Written(message, writer), reader));

    private static byte[] Written(object message, Action<TypeManifestOptions> version)
    {
        using var services = new ServiceCollection().AddSerializer().PostConfigure(version).BuildServiceProvider();
        return services.GetRequiredService<Serializer>().SerializeToArray(message);
    }

    private static T? Read<T>(byte[] bytes, Action<TypeManifestOptions> version)
    {
        using var services = new ServiceCollection().AddSerializer().PostConfigure(version).BuildServiceProvider();
        return services.GetRequiredService<Serializer>().Deserialize<T>(bytes);
    }

    /// <summary>The version under test, which has none of the others' types.</summary>
    private static void Today(TypeManifestOptions types)
    {
        foreach (var alias in types.WellKnownTypeAliases.Keys.Where(alias => alias.StartsWith("test.", StringComparison.Ordinal)).ToArray())
        {
            types.WellKnownTypeAliases.Remove(alias);
        }
    }

    /// <summary>A version in which these types stand under our aliases.</summary>
    private static Action<TypeManifestOptions> As(params (string Name, Type Type)[] messages) => types =>
    {
        foreach (var (name, type) in messages)
        {
            types.WellKnownTypeAliases.Remove(Contracts.AliasOf(type)!);
            types.WellKnownTypeAliases[$"infra.v1.{name}"] = type;
        }
    };
}
