using System.Security;
using System.Text.Json;

namespace InfraOperator.Sandbox.Ecr;

/// <summary>An error in AWS's words, on its way to the caller.</summary>
internal sealed class EcrError(string code, string message, int status = 400) : Exception(message)
{
    public string Code { get; } = code;

    public int Status { get; } = status;

    public static EcrError Invalid(string parameter, string constraint) =>
        new("InvalidParameterException", $"Invalid parameter at '{parameter}' failed to satisfy constraint: '{constraint}'");

    public static EcrError Denied(string message) => new("AccessDeniedException", message);

    public string ToJson() => JsonSerializer.Serialize(new Dictionary<string, string> { ["__type"] = Code, ["message"] = Message });

    /// <summary>STS spells some codes without "Exception".</summary>
    public string ToXml()
    {
        var code = Code switch
        {
            "AccessDeniedException" => "AccessDenied",
            "UnrecognizedClientException" => "InvalidClientTokenId",
            "InvalidSignatureException" => "SignatureDoesNotMatch",
            "ThrottlingException" => "Throttling",
            _ => Code,
        };
        return $"<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{SecurityElement.Escape(Message)}</Message></Error><RequestId>{Guid.NewGuid()}</RequestId></ErrorResponse>";
    }
}
