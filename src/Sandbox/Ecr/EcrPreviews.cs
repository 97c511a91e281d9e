using System.Text.Json.Nodes;

namespace InfraOperator.Sandbox.Ecr;

/// <summary>A preview of a lifecycle policy. What it finds is found when it starts.</summary>
internal sealed record LifecyclePreview(string Policy, DateTimeOffset CompletesAt, DateTimeOffset ExpiresAt, IReadOnlyList<LifecycleVerdict> Verdicts);

/// <summary>Previews of lifecycle policies.</summary>
internal sealed partial class EcrCall
{
    private JsonObject StartPreview()
    {
        var repository = Find(Name);
        var policy = (string?)request["lifecyclePolicyText"] is { } text ? LifecycleRules.Store(text) : repository.LifecyclePolicy
            ?? throw new EcrError("LifecyclePolicyNotFoundException", $"Lifecycle policy does not exist for the repository with name '{Name}' in the registry with id '{RegistryId}'");
        if (repository.Preview is { } running && _now < running.CompletesAt)
        {
            throw new EcrError("LifecyclePolicyPreviewInProgressException", $"A lifecycle policy preview is already in progress for the repository with name '{Name}' in the registry with id '{RegistryId}'");
        }

        var completes = _now + options.PreviewDuration;
        repository.Preview = new(policy, completes, completes + options.PreviewLifetime, [.. LifecycleEvaluation.Evaluate(policy, repository.Images, _now)]);
        return Describe(repository.Preview, "IN_PROGRESS");
    }

    private JsonObject GetPreview()
    {
        var preview = Find(Name).Preview
            ?? throw new EcrError("LifecyclePolicyPreviewNotFoundException", $"Lifecycle policy preview does not exist for the repository with name '{Name}' in the registry with id '{RegistryId}'");
        if (_now < preview.CompletesAt || _now >= preview.ExpiresAt)
        {
            return Describe(preview, _now < preview.CompletesAt ? "IN_PROGRESS" : "EXPIRED");
        }

        var answer = Page(Select(preview.Verdicts).Select((verdict, index) => ($"{index:D9}", (JsonNode)new JsonObject
        {
            ["imageTags"] = Array(verdict.Tags.Select(tag => (JsonNode)tag)),
            ["imageDigest"] = verdict.Digest,
            ["imagePushedAt"] = verdict.PushedAt.ToUnixTimeMilliseconds() / 1000m,
            ["action"] = verdict.Expires ? new JsonObject { ["type"] = "EXPIRE" } : new JsonObject { ["type"] = "TRANSITION", ["targetStorageClass"] = "ARCHIVE" },
            ["appliedRulePriority"] = verdict.RulePriority,
            ["storageClass"] = "STANDARD",
        })), "previewResults", most: 100);
        foreach (var (name, value) in Describe(preview, "COMPLETE"))
        {
            answer[name] = value?.DeepClone();
        }

        answer["summary"] = new JsonObject
        {
            ["expiringImageTotalCount"] = preview.Verdicts.Count(verdict => verdict.Expires),
            ["transitioningImageTotalCounts"] = preview.Verdicts.Count(verdict => !verdict.Expires) is > 0 and var moving
                ? new JsonArray(new JsonObject { ["targetStorageClass"] = "ARCHIVE", ["imageTotalCount"] = moving })
                : [],
        };
        return answer;
    }

    private IEnumerable<LifecycleVerdict> Select(IEnumerable<LifecycleVerdict> verdicts) => verdicts.Where(verdict =>
        (request["imageIds"] is not JsonArray ids || ids.Any(id => verdict.Digest == (string?)id!["imageDigest"] || verdict.Tags.Contains((string?)id!["imageTag"] ?? "")))
        && (string?)request["filter"]?["tagStatus"] switch
        {
            "TAGGED" => verdict.Tags.Length > 0,
            "UNTAGGED" => verdict.Tags.Length == 0,
            _ => true,
        });

    private JsonObject Describe(LifecyclePreview preview, string status) => new()
    {
        ["registryId"] = registry.AccountId,
        ["repositoryName"] = Name,
        ["lifecyclePolicyText"] = preview.Policy,
        ["status"] = status,
    };
}
