using System.Net;
using System.Text.Json.Serialization;
using Amazon.Runtime;

namespace InfraOperator.Aws.Protocol;

/// <summary>What tells one service of the JSON 1.1 protocol from another.</summary>
internal interface IJsonService
{
    /// <summary>The name that requests bear within the SDK, such as <c>Amazon.ECR</c>.</summary>
    static abstract string Name { get; }

    /// <summary>What stands before the operation's name in the <c>X-Amz-Target</c> header.</summary>
    static abstract string TargetPrefix { get; }

    /// <summary>The JSON of all requests and answers.</summary>
    static abstract JsonSerializerContext Json { get; }

    /// <summary>The exception for an error that the service answered with.</summary>
    static abstract AmazonServiceException CreateException(string? code, string? message, Exception? inner, string? requestId, HttpStatusCode status, string? body);
}
