using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Grains.Tests.Perturbation;

/// <summary>Looks at each write just before AWS hears of it: whether the object that it is for asks for it, and the repository is that object's.</summary>
internal sealed class WriteAudit(World world)
{
    private readonly ConcurrentQueue<(Subject? Subject, string Operation)> _log = new();

    /// <summary>The writes that AWS did not have to refuse, in their order. Who may not create, or delete, asks again and again.</summary>
    public IReadOnlyCollection<(Subject? Subject, string Operation)> Log => _log;

    public async Task LookAsync(Subject? subject, RecordedRequest request)
    {
        var body = JsonNode.Parse(request.Body)!;
        var tags = await world.Ecr.TagsAsync(request.Name, request.Region);
        var holdsImages = request.Operation == "DeleteRepository" && await world.Ecr.ImagesAsync(request.Name) > 0;
        var forced = (bool?)body["force"] == true;
        if (request.Operation switch { "CreateRepository" => tags is null, "DeleteRepository" => tags is not null && (forced || !holdsImages), _ => tags is not null })
        {
            _log.Enqueue((subject, $"{request.Operation} {request.Name}"));
        }

        if (subject is not null && FindProblem(subject, request, body, tags, forced && holdsImages) is { } problem)
        {
            lock (subject.Problems)
            {
                subject.Problems.Add($"{request.Operation} reached AWS though {problem}");
            }
        }
    }

    private string? FindProblem(Subject subject, RecordedRequest request, JsonNode body, Dictionary<string, string>? tags, bool losesImages)
    {
        if (request.Region != AwsTruth.Region || !Subject.IsKey(request.AccessKeyId))
        {
            return $"it goes to {request.Region} as {request.AccessKeyId}";
        }

        var value = world.Find(subject.Name);
        var holder = tags?.GetValueOrDefault(ApiNames.OwnerTag);
        var given = (string?)body["tags"]?.AsArray().FirstOrDefault(tag => (string?)tag!["Key"] == ApiNames.OwnerTag)?["Value"];

        // Letting go may arrive when the object that let go has gone: whoever comes next finds the repository free.
        if (value?.Finalizers().Contains(ApiNames.Finalizer) != true && IsRelease(given) && holder == subject.OwnerTag)
        {
            return null;
        }

        // What is gone cannot be hit.
        if (request.Operation == "DeleteRepository" && tags is null)
        {
            return null;
        }

        if (value is null)
        {
            return "there is no object";
        }

        if (!value.Finalizers().Contains(ApiNames.Finalizer))
        {
            return "the object does not bear the finalizer";
        }

        var deleting = value["metadata"]!["deletionTimestamp"] is not null;
        var policy = (string?)value["spec"]!["deletionPolicy"] ?? "Delete";
        return request.Operation switch
        {
            "CreateRepository" => deleting ? "the object is being deleted" : given != subject.OwnerTag ? $"its owner tag is {given}" : null,
            "DeleteRepository" when tags is null => null,
            "DeleteRepository" when holder != subject.OwnerTag => $"the repository is {holder ?? "nobody"}'s",
            "DeleteRepository" when !deleting || policy != "Delete" => $"the object did not ask for it (deleting: {deleting}, policy {policy})",
            "DeleteRepository" => losesImages && !MayForce(value) ? "the images are not the object's to delete" : null,
            "TagResource" when IsRelease(given) =>
                deleting && policy == "Retain" && (holder == subject.OwnerTag || holder == given) ? null : $"the object does not let go of it (deleting: {deleting}, policy {policy}, owner {holder})",
            "TagResource" when given is not null =>
                given == subject.OwnerTag && !deleting && (holder is null || holder == subject.OwnerTag || IsRelease(holder)) ? null : $"the repository is {holder}'s",
            _ when deleting => "the object is being deleted",
            _ => holder == subject.OwnerTag ? null : $"the repository is {holder ?? "nobody"}'s",
        };
    }

    private static bool IsRelease(string? owner) => owner?.StartsWith("released/", StringComparison.Ordinal) == true;

    private static bool MayForce(JsonObject value) => (bool?)value["spec"]!["forceDelete"] ?? (string?)value["status"]?["origin"] == Origins.Created;
}
