using CsCheck;

namespace InfraOperator.Grains.Tests.Planning;

/// <summary>Generators of given values.</summary>
internal static class Pick
{
    public static Gen<T> Always<T>(T value) => Gen.Int[0, 0].Select(_ => value);

    public static Gen<T> One<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);
}
