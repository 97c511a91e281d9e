using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace InfraOperator.Conformance.Sts;

/// <summary>Issues the tokens of a cluster's service accounts, as its API server does.</summary>
/// <param name="url">The issuer, an https URL.</param>
/// <param name="time">Says when a token ends.</param>
public sealed class TokenIssuer(string url, TimeProvider time) : IDisposable
{
    private static readonly string Header = Base64Url.EncodeToString("""{"alg":"ES256","kid":"1"}"""u8);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The issuer as IAM names it: without its scheme.</summary>
    public string Name { get; } = url["https://".Length..];

    /// <summary>A token of a service account.</summary>
    /// <param name="subject">Such as <c>system:serviceaccount:namespace:name</c>.</param>
    /// <param name="audience">Whom it is for.</param>
    /// <param name="lifetime">How long it is good.</param>
    public string Issue(string subject, string audience, TimeSpan lifetime)
    {
        var claims = new JsonObject { ["iss"] = url, ["sub"] = subject, ["aud"] = new JsonArray(audience), ["exp"] = (time.GetUtcNow() + lifetime).ToUnixTimeSeconds() };
        var content = $"{Header}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        return $"{content}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256))}";
    }

    public void Dispose() => _key.Dispose();

    /// <summary>Whether this issuer issued the token.</summary>
    internal bool IsOurs(string token)
    {
        var end = token.LastIndexOf('.');
        return _key.VerifyData(Encoding.ASCII.GetBytes(token[..end]), Base64Url.DecodeFromChars(token.AsSpan(end + 1)), HashAlgorithmName.SHA256);
    }

    /// <summary>What a token says, whoever issued it; null where it is none.</summary>
    internal static TokenClaims? Read(string token)
    {
        try
        {
            return token.Split('.') is [_, var body, _] && JsonNode.Parse(Base64Url.DecodeFromChars(body)) is { } claims
                ? new((string)claims["iss"]!, (string)claims["sub"]!, (string)claims["aud"]![0]!, DateTimeOffset.FromUnixTimeSeconds((long)claims["exp"]!))
                : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }
}

/// <summary>What a token says.</summary>
internal sealed record TokenClaims(string Issuer, string Subject, string Audience, DateTimeOffset Expires);
