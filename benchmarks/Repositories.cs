namespace InfraOperator.Benchmarks;

/// <summary>The objects that benchmarks apply. Object and AWS repository have one name, so that calls to both servers can be told by it.</summary>
internal static class Repositories
{
    /// <summary>The first policy.</summary>
    public const string Lifecycle = """{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":10},"action":{"type":"expire"}}]}""";

    /// <summary>The second policy.</summary>
    public const string Policy = """{"Version":"2012-10-17","Statement":[{"Sid":"Pull","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}]}""";

    /// <summary>An ECRRepository with all that CreateRepository carries, and as many policies (0 to 2) as asked for.</summary>
    public static string Make(string name, int policies = 0, string deletionPolicy = "Delete", string provider = "benchmark", string? providerNamespace = null) => $$"""
        apiVersion: aws-infra-operator.runner.codes/v1alpha1
        kind: ECRRepository
        metadata:
          name: {{name}}
        spec:
          providerRef: {name: {{provider}}{{(providerNamespace is null ? "" : $", namespace: {providerNamespace}")}}}
          repositoryName: {{name}}
          imageTagMutability: IMMUTABLE
          scanOnPush: true
          encryptionConfiguration: {encryptionType: AES256}
          tags: {environment: test, team: platform}
          deletionPolicy: {{deletionPolicy}}
        {{(policies > 0 ? $"  lifecyclePolicy: {{policyText: '{Lifecycle}'}}" : "")}}
        {{(policies > 1 ? $"  repositoryPolicyText: '{Policy}'" : "")}}
        """;
}
