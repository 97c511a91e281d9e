namespace InfraOperator.Benchmarks.Servers;

/// <summary>How an account answers that is in trouble.</summary>
/// <param name="Latency">How long each answer takes; null: as long as others'.</param>
/// <param name="Limit">How many calls are served; null: as many as others'.</param>
/// <param name="RefusesKeys">Whether its keys are refused, by STS too.</param>
internal sealed record AccountTrouble(TimeSpan? Latency = null, CallLimit? Limit = null, bool RefusesKeys = false);
