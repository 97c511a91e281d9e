using System.Security.Cryptography;
using System.Text;
using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Providers;

/// <summary>The name under which a provider's sessions stand in CloudTrail: cluster, namespace, provider.</summary>
internal static class SessionName
{
    private const int MaxLength = 64;
    private const int HashLength = 8;

    public static string For(ResourceKey key)
    {
        var plain = $"{key.Cluster}.{key.Namespace}.{key.Name}";
        if (plain.Length <= MaxLength)
        {
            return plain;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(plain)))[..HashLength];
        return $"{plain[..(MaxLength - HashLength - 1)]}-{hash}";
    }
}
