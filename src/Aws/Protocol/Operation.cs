using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Amazon.Runtime.Internal.Util;

namespace InfraOperator.Aws.Protocol;

/// <summary>
/// One operation of the JSON 1.1 protocol, wholly derived from its service and its two types: the request's name gives the
/// target, and source-generated JSON gives both bodies.
/// </summary>
internal sealed class Operation<TService, TRequest, TResponse> : JsonResponseUnmarshaller, IMarshaller<IRequest, AmazonWebServiceRequest>
    where TService : IJsonService
    where TRequest : AmazonWebServiceRequest
    where TResponse : AmazonWebServiceResponse, new()
{
    private static readonly string Target = $"{TService.TargetPrefix}.{typeof(TRequest).Name[..^"Request".Length]}";
    private static readonly JsonTypeInfo<TRequest> RequestType = (JsonTypeInfo<TRequest>)TService.Json.GetTypeInfo(typeof(TRequest))!;
    private static readonly JsonTypeInfo<TResponse> ResponseType = (JsonTypeInfo<TResponse>)TService.Json.GetTypeInfo(typeof(TResponse))!;

    public static InvokeOptions Options { get; } = Create();

    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        var body = new PooledContentStream();
        var request = new DefaultRequest(input, TService.Name) { HttpMethod = "POST", ResourcePath = "/", ContentStream = body };
        request.Headers["X-Amz-Target"] = Target;
        request.Headers["Content-Type"] = "application/x-amz-json-1.1";
        using var writer = new Utf8JsonWriter(body.BufferWriter);
        JsonSerializer.Serialize(writer, (TRequest)input, RequestType);
        return request;
    }

    public override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext input) =>
        input.IsEmptyResponse ? new TResponse() : JsonSerializer.Deserialize(input.Stream, ResponseType) ?? new TResponse();

    public override AmazonServiceException UnmarshallException(JsonUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
    {
        var reader = new StreamingUtf8JsonReader(input.Stream, AWSConfigs.StreamingUtf8JsonReaderBufferSize ?? 4096, input.JsonMaxDepth);
        var error = JsonErrorResponseUnmarshaller.GetInstance().Unmarshall(input, ref reader);

        // Throttles can come from in front of the service, as XML or without a body; without a code nothing would know them.
        var code = error.Code is { Length: > 0 } known ? known
            : statusCode is HttpStatusCode.TooManyRequests || input.ResponseBody?.Contains("Throttl", StringComparison.Ordinal) is true ? "ThrottlingException"
            : null;
        return TService.CreateException(code, error.Message, innerException, error.RequestId, statusCode, input.ResponseBody);
    }

    private static InvokeOptions Create()
    {
        var operation = new Operation<TService, TRequest, TResponse>();
        return new InvokeOptions { RequestMarshaller = operation, ResponseUnmarshaller = operation };
    }
}
