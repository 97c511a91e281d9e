using System.Security;
using Microsoft.Extensions.Primitives;

namespace InfraOperator.Sandbox.Ecr;

/// <summary>The three operations of STS that identities need, in its query protocol.</summary>
internal static class StsApi
{
    public static string Call(CallerRegistry callers, Caller? caller, string operation, Dictionary<string, StringValues> form)
    {
        string Field(string name) => form.GetValueOrDefault(name).ToString() is { Length: > 0 } value ? value
            : throw new EcrError("ValidationError", $"1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null");

        var result = operation switch
        {
            "GetCallerIdentity" => $"<Arn>{SecurityElement.Escape(caller!.Arn)}</Arn><UserId>AIDASANDBOX</UserId><Account>{caller.AccountId}</Account>",
            "AssumeRole" => Assume(),
            "AssumeRoleWithWebIdentity" => Field("WebIdentityToken").Split('.').Length == 3 ? Assume()
                : throw new EcrError("InvalidIdentityToken", "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"),
            _ => throw new EcrError("InvalidAction", $"Could not find operation {operation} for version 2011-06-15"),
        };
        return $"<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{operation}Result>{result}</{operation}Result><ResponseMetadata><RequestId>{Guid.NewGuid()}</RequestId></ResponseMetadata></{operation}Response>";

        string Assume()
        {
            var seconds = form.TryGetValue("DurationSeconds", out var given) ? int.Parse(given.ToString()) : 3600;
            var session = callers.Assume(Field("RoleArn"), Field("RoleSessionName"), TimeSpan.FromSeconds(seconds));
            return $"<AssumedRoleUser><AssumedRoleId>AROASANDBOX:{SecurityElement.Escape(Field("RoleSessionName"))}</AssumedRoleId><Arn>{SecurityElement.Escape(session.Caller.Arn)}</Arn></AssumedRoleUser>"
                + $"<Credentials><AccessKeyId>{session.AccessKeyId}</AccessKeyId><SecretAccessKey>{session.Secret}</SecretAccessKey><SessionToken>{session.Token}</SessionToken><Expiration>{session.Expires.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}</Expiration></Credentials>";
        }
    }
}
