using System.Security;

namespace InfraOperator.Conformance.Sts;

/// <summary>An error in AWS's words, on its way to the caller.</summary>
internal sealed class StsRefusal(string code, string message, int status = 400) : Exception(message)
{
    public int Status { get; } = status;

    public static StsRefusal Denied(string message) => new("AccessDenied", message, 403);

    public string ToXml() =>
        $"<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{SecurityElement.Escape(Message)}</Message></Error><RequestId>{Guid.NewGuid()}</RequestId></ErrorResponse>";
}
