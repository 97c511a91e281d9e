using System.Collections.Immutable;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;

namespace InfraOperator.Grains.Status;

/// <summary>Makes the conditions of a status from those before: a condition keeps its transition time until its status changes.</summary>
/// <param name="before">The conditions that the object has.</param>
/// <param name="generation">The generation that the new ones speak of.</param>
/// <param name="now">The time.</param>
internal sealed class Conditions(ImmutableArray<Condition>? before, long generation, DateTimeOffset now)
{
    private const int MaxMessageLength = 4096;

    private readonly ImmutableArray<Condition>.Builder _conditions = ImmutableArray.CreateBuilder<Condition>();

    public Conditions Set(string type, string status, string reason, string message)
    {
        var old = before?.FirstOrDefault(condition => condition.Type == type);
        _conditions.Add(new()
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message.Cut(MaxMessageLength),
            // The schema's default cannot tell the time, so it says 1970: nobody had looked yet.
            LastTransitionTime = old is { LastTransitionTime: { } time } && time != DateTimeOffset.UnixEpoch && old.Status == status ? time : now,
            ObservedGeneration = generation,
        });
        return this;
    }

    /// <summary>Keeps a condition as it was, but for the generation. Where there was none, it becomes Unknown.</summary>
    public Conditions Keep(string type, string reasonIfNew, string messageIfNew) =>
        before?.FirstOrDefault(condition => condition.Type == type) is { Status: not ConditionStatus.Unknown } old
            ? Set(type, old.Status, old.Reason, old.Message)
            : Set(type, ConditionStatus.Unknown, reasonIfNew, messageIfNew);

    public ImmutableArray<Condition> ToImmutable() => _conditions.ToImmutable();
}
