using System.Text.Json.Nodes;
using Amazon.ECR;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>Answers for the previews of one repository in AWS's place, since not every mock of AWS has previews.</summary>
public sealed class PreviewStandIn : IDisposable
{
    private readonly IDisposable _interference;
    private volatile JsonObject? _result;
    private volatile string? _shown;
    private volatile Interference? _refusal;
    private int _starts;
    private int _reads;

    /// <param name="environment">Whose requests to AWS it answers.</param>
    /// <param name="repository">The repository's name in AWS.</param>
    public PreviewStandIn(ControlPlaneEnvironment environment, string repository) =>
        _interference = environment.Aws.Interfere(request => request.Name != repository ? null : request.Operation switch
        {
            "StartLifecyclePolicyPreview" => Start(request),
            "GetLifecyclePolicyPreview" => Read(),
            _ => null,
        });

    /// <summary>How many starts were asked for, refused ones included.</summary>
    public int Starts => _starts;

    /// <summary>The policy that the preview under way, or the last one, tries.</summary>
    public string? Policy => _shown;

    /// <summary>Refuses starts from now on; null ends that.</summary>
    public void Refuse(Interference? refusal) => _refusal = refusal;

    /// <summary>Shows the preview of another policy from now on, as if somebody else had started it.</summary>
    public void Show(string policy) => _shown = policy;

    /// <summary>Completes every preview, with images by tag, or by digest where the text is one.</summary>
    public void Complete(params string[] expiring) => _result = new()
    {
        ["status"] = LifecyclePolicyPreviewStatus.COMPLETE.Value,
        ["summary"] = new JsonObject { ["expiringImageTotalCount"] = expiring.Length },
        ["previewResults"] = new JsonArray([.. expiring.Select(image => new JsonObject
        {
            ["imageTags"] = image.StartsWith("sha256:", StringComparison.Ordinal) ? [] : new JsonArray(image),
            ["imageDigest"] = image.StartsWith("sha256:", StringComparison.Ordinal) ? image : "sha256:0",
            ["action"] = new JsonObject { ["type"] = "EXPIRE" },
        })]),
    };

    /// <summary>Ends every preview in a state without results.</summary>
    public void End(string status) => _result = new() { ["status"] = status };

    public void Dispose() => _interference.Dispose();

    private Interference Start(RecordedRequest request)
    {
        Interlocked.Increment(ref _starts);
        if (_refusal is { } refusal)
        {
            return refusal;
        }

        _shown = (string)JsonNode.Parse(request.Body)!["lifecyclePolicyText"]!;
        return Answer(new() { ["status"] = LifecyclePolicyPreviewStatus.IN_PROGRESS.Value, ["lifecyclePolicyText"] = _shown });
    }

    private Interference Read()
    {
        // The first look is always too early.
        var early = Interlocked.Increment(ref _reads) == 1 || _result is null;
        var answer = early ? new() { ["status"] = LifecyclePolicyPreviewStatus.IN_PROGRESS.Value } : (JsonObject)_result!.DeepClone();
        answer["lifecyclePolicyText"] = _shown;
        return Answer(answer);
    }

    private static Interference Answer(JsonObject body) => new() { Instead = new(200, body.ToJsonString(), "application/x-amz-json-1.1") };
}
