using Amazon.Runtime;

namespace InfraOperator.Aws.Credentials;

/// <summary>The credentials for a call could not be had, so the call was not sent.</summary>
internal sealed class CredentialsUnavailableException(string operation, string message, Exception? innerException)
    : AmazonClientException(message, innerException)
{
    /// <summary>What was to fetch them, such as <c>AssumeRole</c>.</summary>
    public string Operation { get; } = operation;
}
