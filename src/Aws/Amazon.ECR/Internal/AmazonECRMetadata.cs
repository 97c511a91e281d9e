using System.Net;
using System.Text.Json.Serialization;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using InfraOperator.Aws.Protocol;

namespace Amazon.ECR.Internal;

/// <summary>Names the service: in the SDK's spans and metrics, and to itself.</summary>
internal sealed class AmazonECRMetadata : IServiceMetadata, IJsonService
{
    public static string Name => "Amazon.ECR";

    public static string TargetPrefix => "AmazonEC2ContainerRegistry_V20150921";

    public static JsonSerializerContext Json => EcrJson.Default;

    public string ServiceId => "ECR";

    public IDictionary<string, string> OperationNameMapping { get; } = new Dictionary<string, string>();

    public static AmazonServiceException CreateException(string? code, string? message, Exception? inner, string? requestId, HttpStatusCode status, string? body) =>
        AmazonECRException.Create(code, message, inner, requestId, status, body);
}
