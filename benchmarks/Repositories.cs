using System.Text.Json.Nodes;
using InfraOperator.Benchmarks.Servers;

namespace InfraOperator.Benchmarks;

/// <summary>The objects that benchmarks apply. Object and AWS repository have one name, so that calls to both servers can be told by it.</summary>
internal static class Repositories
{
    private const string Lifecycle = """{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":10},"action":{"type":"expire"}}]}""";
    private const string Policy = """{"Version":"2012-10-17","Statement":[{"Sid":"Pull","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}]}""";

    /// <summary>An ECRRepository with all that CreateRepository carries, and as many policies as asked for.</summary>
    public static JsonObject Make(string name, int policies = 0, string deletionPolicy = "Delete")
    {
        var spec = new JsonObject
        {
            ["providerRef"] = new JsonObject { ["name"] = Workbench.Provider },
            ["repositoryName"] = name,
            ["imageTagMutability"] = "IMMUTABLE",
            ["scanOnPush"] = true,
            ["encryptionConfiguration"] = new JsonObject { ["encryptionType"] = "AES256" },
            ["tags"] = new JsonObject { ["environment"] = "test", ["team"] = "platform" },
            ["deletionPolicy"] = deletionPolicy,
        };
        if (policies > 0)
        {
            spec["lifecyclePolicy"] = new JsonObject { ["policyText"] = Lifecycle };
        }

        if (policies > 1)
        {
            spec["repositoryPolicyText"] = Policy;
        }

        return new()
        {
            ["apiVersion"] = "aws-infra-operator.runner.codes/v1alpha1",
            ["kind"] = "ECRRepository",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = spec,
        };
    }
}
