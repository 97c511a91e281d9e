using InfraOperator.Abstractions;
using InfraOperator.Conformance;
using InfraOperator.Grains.Pace;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Grains.Tests.Pace;

/// <summary>A pace without an account.</summary>
internal static class TestPace
{
    /// <summary>One that holds nothing up.</summary>
    public static ProviderPace Unlimited(ResourceKey provider) => new(
        provider,
        static _ => Task.FromResult(new PaceGrant([])),
        static _ => { },
        new(Microsoft.Extensions.Options.Options.Create<OperatorOptions>(new())),
        new() { PaceInitialRate = 100_000, PaceMinRate = 100_000, PaceMaxRate = 100_000 },
        TimeProvider.System,
        new(new Measurements(), TimeProvider.System),
        NullLogger.Instance);
}
