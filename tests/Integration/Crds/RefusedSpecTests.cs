using System.Net;

namespace InfraOperator.Integration.Crds;

/// <summary>What a schema can know to be wrong is refused by the API server, by the field's name and with words that help.</summary>
public sealed class RefusedSpecTests(CrdFixture fixture) : IClassFixture<CrdFixture>
{
    private const string Role = "arn:aws:iam::123456789012:role/operator";
    private const string Keys = "accessKeyIDRef: {name: s, key: a}, secretAccessKeyRef: {name: s, key: b}";

    /// <summary>Spec without the required fields, the refused field, and words of the refusal.</summary>
    public static TheoryData<string, string, string> Repositories => new()
    {
        { "repositoryName: a", "spec.repositoryName", "at least 2" },
        { $"repositoryName: {new string('a', 257)}", "spec.repositoryName", "256" },
        { "repositoryName: App/Backend", "spec.repositoryName", "should match" },
        { "repositoryName: app//backend", "spec.repositoryName", "should match" },
        { "repositoryName: app/", "spec.repositoryName", "should match" },
        { "repositoryName: a..b", "spec.repositoryName", "should match" },
        { "repositoryName: null", "spec.repositoryName", "Required" },
        { "providerRef: {}", "spec.providerRef.name", "Required" },
        { "providerRef: {name: ''}", "spec.providerRef.name", "at least 1" },
        { "providerRef: {name: a, namespace: A}", "spec.providerRef.namespace", "should match" },
        { "imageTagMutability: immutable", "spec.imageTagMutability", "IMMUTABLE_WITH_EXCLUSION" },
        { "imageTagMutability: IMMUTABLE_WITH_EXCLUSION", "spec.imageTagMutabilityExclusionFilters", "add 1 to 5 filters" },
        { "imageTagMutability: MUTABLE_WITH_EXCLUSION, imageTagMutabilityExclusionFilters: []", "spec.imageTagMutabilityExclusionFilters", "at least 1" },
        { "imageTagMutability: IMMUTABLE, imageTagMutabilityExclusionFilters: [{filterType: WILDCARD, filter: a}]", "spec.imageTagMutabilityExclusionFilters", "remove the filters" },
        { "imageTagMutabilityExclusionFilters: [{filterType: WILDCARD, filter: a}]", "spec.imageTagMutabilityExclusionFilters", "remove the filters" },
        { $"imageTagMutability: IMMUTABLE_WITH_EXCLUSION, imageTagMutabilityExclusionFilters: [{string.Join(", ", Enumerable.Repeat("{filterType: WILDCARD, filter: a}", 6))}]", "spec.imageTagMutabilityExclusionFilters", "at most 5" },
        { "imageTagMutability: IMMUTABLE_WITH_EXCLUSION, imageTagMutabilityExclusionFilters: [{filterType: REGEX, filter: a}]", "spec.imageTagMutabilityExclusionFilters[0].filterType", "WILDCARD" },
        { "imageTagMutability: IMMUTABLE_WITH_EXCLUSION, imageTagMutabilityExclusionFilters: [{filterType: WILDCARD, filter: 'a b'}]", "spec.imageTagMutabilityExclusionFilters[0].filter", "should match" },
        { "imageTagMutability: IMMUTABLE_WITH_EXCLUSION, imageTagMutabilityExclusionFilters: [{filterType: WILDCARD}]", "spec.imageTagMutabilityExclusionFilters[0].filter", "Required" },
        { "scanOnPush: 'true'", "spec.scanOnPush", "boolean" },
        { "encryptionConfiguration: {}", "spec.encryptionConfiguration.encryptionType", "Required" },
        { "encryptionConfiguration: {encryptionType: aes}", "spec.encryptionConfiguration.encryptionType", "KMS_DSSE" },
        { "encryptionConfiguration: {encryptionType: AES256, kmsKey: alias/a}", "spec.encryptionConfiguration.kmsKey", "remove it or change encryptionType" },
        { "encryptionConfiguration: {encryptionType: KMS, kmsKey: 'my key'}", "spec.encryptionConfiguration.kmsKey", "should match" },
        { "encryptionConfiguration: {encryptionType: KMS, kmsKey: ''}", "spec.encryptionConfiguration.kmsKey", "at least 1" },
        { "lifecyclePolicy: '{}'", "spec.lifecyclePolicy", "object" },
        { "lifecyclePolicy: {}", "spec.lifecyclePolicy.policyText", "Required" },
        { "lifecyclePolicy: {policyText: ''}", "spec.lifecyclePolicy.policyText", "at least 1" },
        { $"lifecyclePolicy: {{policyText: {new string('a', 30721)}}}", "spec.lifecyclePolicy.policyText", "30720" },
        { $"repositoryPolicyText: {new string('a', 10241)}", "spec.repositoryPolicyText", "10240" },
        { "repositoryPolicyText: {}", "spec.repositoryPolicyText", "string" },
        { "tags: {'aws:a': b}", "spec.tags", "another key than aws:a" },
        { "tags: {ok: b, 'AwS:a': b}", "spec.tags", "another key than AwS:a" },
        { "tags: {aws-infra-operator.runner.codes/owner: b}", "spec.tags", "remove aws-infra-operator.runner.codes/owner" },
        { "tags: {'': b}", "spec.tags", "1 to 128" },
        { $"tags: {{{new string('k', 129)}: b}}", "spec.tags", "1 to 128" },
        { $"tags: {{k: {new string('v', 257)}}}", "spec.tags.k", "256" },
        { $"tags: {{{string.Join(", ", Enumerable.Range(0, 51).Select(i => $"k{i}: v"))}}}", "spec.tags", "at most 50" },
        { "tags: {k: 1}", "spec.tags.k", "string" },
        { "deletionPolicy: delete", "spec.deletionPolicy", "Orphan" },
        { "forceDelete: maybe", "spec.forceDelete", "boolean" },
        { "adoptionPolicy: Never", "spec.adoptionPolicy", "AdoptOrCreate" },
        { "managementPolicy: Own", "spec.managementPolicy", "Observe" },
        { "driftPolicy: Ignore", "spec.driftPolicy", "Report" },
    };

    public static TheoryData<string, string, string> Providers => new()
    {
        { "region: null", "spec.region", "Required" },
        { "region: us-east", "spec.region", "should match" },
        { "region: US-EAST-1", "spec.region", "should match" },
        { "region: us-east-1a", "spec.region", "should match" },
        { "roleARN: operator", "spec.roleARN", "should match" },
        { "roleARN: 'arn:aws:iam::123456789012:user/operator'", "spec.roleARN", "should match" },
        { "assumeRoleARN: 'arn:aws:iam::1234:role/operator'", "spec.assumeRoleARN", "should match" },
        { "accessKeyIDRef: {name: s, key: a}", "spec.secretAccessKeyRef", "required together with accessKeyIDRef" },
        { "secretAccessKeyRef: {name: s, key: b}", "spec.accessKeyIDRef", "required together with secretAccessKeyRef" },
        { "accessKeyIDRef: {name: s}, secretAccessKeyRef: {name: s, key: b}", "spec.accessKeyIDRef.key", "Required" },
        { "sessionTokenRef: {name: s, key: c}", "spec.sessionTokenRef", "add them or remove it" },
        { "credentialsSecret: {name: s}, sessionTokenRef: {name: s, key: c}", "spec.sessionTokenRef", "AWS_SESSION_TOKEN" },
        { $"roleARN: '{Role}', {Keys}", "spec", "keep only one of roleARN" },
        { $"roleARN: '{Role}', credentialsSecret: {{name: s}}", "spec", "keep only one of roleARN" },
        { $"credentialsSecret: {{name: s}}, {Keys}", "spec", "keep only one of roleARN" },
        { "credentialsSecret: {name: s, namespace: other}", "spec.credentialsSecret.namespace", "create the Secret in the AWSProvider's own namespace" },
        { "accessKeyIDRef: {name: s, key: a, namespace: other}, secretAccessKeyRef: {name: s, key: b}", "spec.accessKeyIDRef.namespace", "create the Secret in the AWSProvider's own namespace" },
        { "accessKeyIDRef: {name: s, key: a}, secretAccessKeyRef: {name: s, key: b, namespace: other}", "spec.secretAccessKeyRef.namespace", "create the Secret in the AWSProvider's own namespace" },
        { "credentialsSecret: {}", "spec.credentialsSecret.name", "Required" },
        { "externalID: abc", "spec.externalID", "add assumeRoleARN" },
        { $"assumeRoleARN: '{Role}', externalID: a", "spec.externalID", "at least 2" },
        { $"assumeRoleARN: '{Role}', externalID: 'a b'", "spec.externalID", "should match" },
        { "sessionTags: true", "spec.sessionTags", "add assumeRoleARN" },
        { "endpoint: 'localstack:4566'", "spec.endpoint", "should match" },
        { "endpoint: 'ftp://localstack'", "spec.endpoint", "should match" },
        { "endpoint: 'http://user:secret@localstack'", "spec.endpoint", "should match" },
        { "endpoint: 'http://localstack?a=b'", "spec.endpoint", "should match" },
        { "endpoint: 'http://:4566'", "spec.endpoint", "with a host" },
        { "endpoint: 'http://localstack:99999'", "spec.endpoint", "valid port" },
        { "defaultTags: {'aws:a': b}", "spec.defaultTags", "another key than aws:a" },
        { "defaultTags: {aws-infra-operator.runner.codes/owner: b}", "spec.defaultTags", "remove aws-infra-operator.runner.codes/owner" },
        { $"defaultTags: {{{new string('k', 129)}: b}}", "spec.defaultTags", "1 to 128" },
        { $"defaultTags: {{{string.Join(", ", Enumerable.Range(0, 51).Select(i => $"k{i}: v"))}}}", "spec.defaultTags", "at most 50" },
        { "allowedNamespaces: [Team]", "spec.allowedNamespaces[0]", "should match" },
        { "allowedNamespaces: [a, a]", "spec.allowedNamespaces[1]", "Duplicate" },
        { "allowedAccountIDs: [123456789012]", "spec.allowedAccountIDs[0]", "string" },
        { "allowedAccountIDs: ['123']", "spec.allowedAccountIDs[0]", "should" },
        { "allowedAccountIDs: []", "spec.allowedAccountIDs", "at least 1" },
    };

    [Theory]
    [MemberData(nameof(Repositories))]
    public Task A_wrong_ECRRepository_is_refused_by_the_name_of_the_field(string spec, string field, string words) =>
        AssertRefusedAsync("ECRRepository", WithDefaults(spec, ("providerRef", "{name: p}"), ("repositoryName", "app/backend")), field, words);

    [Theory]
    [MemberData(nameof(Providers))]
    public Task A_wrong_AWSProvider_is_refused_by_the_name_of_the_field(string spec, string field, string words) =>
        AssertRefusedAsync("AWSProvider", WithDefaults(spec, ("region", "us-east-1")), field, words);

    [Theory]
    [InlineData("AWSProvider", "region: us-east-1, zone: a", "spec.zone")]
    [InlineData("AWSProvider", "region: us-east-1, credentialsSecret: {name: s, secretNamespace: other}", "spec.credentialsSecret.secretNamespace")]
    [InlineData("ECRRepository", "providerRef: {name: p}, repositoryName: app/backend, deletePolicy: Retain", "spec.deletePolicy")]
    public async Task An_unknown_field_is_pruned_in_silence_unless_validation_is_strict_as_kubectl_asks(string kind, string spec, string field)
    {
        var refused = await fixture.CreateAsync(kind, "unknown", $"{{{spec}}}", dryRun: true);
        var pruned = await fixture.CreateAsync(kind, "unknown", $"{{{spec}}}", dryRun: true, fieldValidation: "Ignore");

        Assert.Equal(HttpStatusCode.BadRequest, refused.Code);
        Assert.Contains($"unknown field \"{field}\"", (string)refused.Body["message"]!);
        Assert.DoesNotContain(field[(field.LastIndexOf('.') + 1)..], pruned.Success["spec"]!.ToJsonString());
    }

    [Theory]
    [InlineData("AWSProvider")]
    [InlineData("ECRRepository")]
    public async Task An_object_without_spec_is_refused(string kind)
    {
        var answer = await fixture.CreateAsync(kind, "empty", "null", dryRun: true);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.Contains(answer.Causes, cause => cause.StartsWith("spec: ", StringComparison.Ordinal));
    }

    private async Task AssertRefusedAsync(string kind, string spec, string field, string words)
    {
        var answer = await fixture.CreateAsync(kind, "refused", spec, dryRun: true);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.Contains(answer.Causes, cause => cause.StartsWith($"{field}: ", StringComparison.Ordinal) && cause.Contains(words, StringComparison.Ordinal));
    }

    private static string WithDefaults(string spec, params (string Name, string Value)[] required) =>
        $"{{{string.Join(", ", required.Where(field => !spec.StartsWith($"{field.Name}:", StringComparison.Ordinal)).Select(field => $"{field.Name}: {field.Value}").Append(spec))}}}";
}
