using System.Net;
using System.Text.Json.Serialization;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using InfraOperator.Aws.Protocol;

namespace Amazon.ResourceGroupsTaggingAPI.Internal;

/// <summary>Names the service: in the SDK's spans and metrics, and to itself.</summary>
internal sealed class AmazonResourceGroupsTaggingAPIMetadata : IServiceMetadata, IJsonService
{
    public static string Name => "Amazon.ResourceGroupsTaggingAPI";

    public static string TargetPrefix => "ResourceGroupsTaggingAPI_20170126";

    public static JsonSerializerContext Json => TaggingJson.Default;

    public string ServiceId => "Resource Groups Tagging API";

    public IDictionary<string, string> OperationNameMapping { get; } = new Dictionary<string, string>();

    public static AmazonServiceException CreateException(string? code, string? message, Exception? inner, string? requestId, HttpStatusCode status, string? body) =>
        AmazonResourceGroupsTaggingAPIException.Create(code, message, inner, requestId, status);
}
