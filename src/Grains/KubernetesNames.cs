using System.Buffers;

namespace InfraOperator.Grains;

/// <summary>What the API server lets an object be called, as far as a key or a URL depends on it.</summary>
internal static class KubernetesNames
{
    private static readonly SearchValues<char> Separators = SearchValues.Create("/\\%");

    /// <summary>Whether an object can have this name. Where the schema is an old one, specs name anything.</summary>
    /// <param name="name">The name.</param>
    public static bool IsPossible(string name) => name is not ("" or "." or "..") && !name.AsSpan().ContainsAny(Separators);
}
