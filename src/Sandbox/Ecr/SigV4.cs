using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace InfraOperator.Sandbox.Ecr;

/// <summary>What a request's Authorization header claims, and whether it is true.</summary>
internal sealed record SigV4(string AccessKeyId, string Date, string Region, string Service, string[] SignedHeaders, string Signature)
{
    /// <summary>The claim; an empty access key where there is none.</summary>
    public static SigV4 Parse(HttpRequest request)
    {
        var fields = request.Headers.Authorization.ToString().Replace("AWS4-HMAC-SHA256 ", "", StringComparison.Ordinal)
            .Split(',', StringSplitOptions.TrimEntries)
            .Select(field => field.Split('=', 2))
            .Where(field => field.Length == 2)
            .ToDictionary(field => field[0], field => field[1]);
        return fields.GetValueOrDefault("Credential")?.Split('/') is [var key, var date, var region, var service, _]
            ? new SigV4(key, date, region, service, fields.GetValueOrDefault("SignedHeaders", "").Split(';'), fields.GetValueOrDefault("Signature", ""))
            : new SigV4("", "", "us-east-1", "", [], "");
    }

    public bool Verifies(HttpRequest request, string body, string secret)
    {
        var headers = SignedHeaders.Select(name => $"{name}:{string.Join(',', request.Headers[name].Select(value => value?.Trim()))}\n");
        var canonical = $"{request.Method}\n{request.Path}\n\n{string.Concat(headers)}\n{string.Join(';', SignedHeaders)}\n{Hash(body)}";
        var scope = $"{Date}/{Region}/{Service}/aws4_request";
        var toSign = $"AWS4-HMAC-SHA256\n{request.Headers["X-Amz-Date"]}\n{scope}\n{Hash(canonical)}";
        var key = Encoding.UTF8.GetBytes("AWS4" + secret);
        foreach (var part in scope.Split('/').Append(toSign))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(key)), Encoding.ASCII.GetBytes(Signature));
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
