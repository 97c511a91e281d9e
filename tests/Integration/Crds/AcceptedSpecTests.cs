namespace InfraOperator.Integration.Crds;

/// <summary>What is right, and what only the operator or AWS can judge, passes the schema unchanged.</summary>
public sealed class AcceptedSpecTests(CrdFixture fixture) : IClassFixture<CrdFixture>
{
    private static readonly string Samples = Path.Combine(CustomResourceDefinitions.SourceRoot, "samples");

    public static TheoryData<string> SampleFiles => [.. Directory.EnumerateFiles(Samples, "*.yaml").Select(file => Path.GetFileName(file))];

    [Theory]
    [InlineData("repositoryName: ab")]
    [InlineData("repositoryName: a.b/c__d/e---f")]
    [InlineData("providerRef: {name: p, namespace: other}")]
    [InlineData("imageTagMutability: IMMUTABLE_WITH_EXCLUSION, imageTagMutabilityExclusionFilters: [{filterType: WILDCARD, filter: 'latest*'}]")]
    [InlineData("encryptionConfiguration: {encryptionType: KMS}")]
    [InlineData("encryptionConfiguration: {encryptionType: KMS_DSSE, kmsKey: alias/ecr-encryption}")]
    [InlineData("encryptionConfiguration: {encryptionType: KMS, kmsKey: 12345678-1234-1234-1234-123456789012}")]
    [InlineData("encryptionConfiguration: {encryptionType: KMS, kmsKey: mrk-0123456789abcdef0123456789abcdef}")]
    [InlineData("encryptionConfiguration: {encryptionType: KMS, kmsKey: 'arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef'}")]
    [InlineData("encryptionConfiguration: {encryptionType: KMS, kmsKey: 'arn:aws:kms:us-east-1:123456789012:alias/a/b'}")]
    [InlineData("lifecyclePolicy: {policyText: 'not json'}")]
    [InlineData("repositoryPolicyText: 'not json'")]
    [InlineData("tags: {awsome: '', 'a:b/c=d+e-f@g h': 'Füße', Environment: production}")]
    [InlineData("deletionPolicy: Orphan, forceDelete: false, adoptionPolicy: Create, managementPolicy: Observe, driftPolicy: Report")]
    public async Task A_right_ECRRepository_is_stored_as_it_was_written(string spec)
    {
        var defaults = spec.StartsWith("repositoryName", StringComparison.Ordinal) ? "providerRef: {name: p}"
            : spec.StartsWith("providerRef", StringComparison.Ordinal) ? "repositoryName: app/backend"
            : "providerRef: {name: p}, repositoryName: app/backend";

        var stored = (await fixture.CreateAsync("ECRRepository", "accepted", $"{{{defaults}, {spec}}}", dryRun: true)).Success["spec"]!.AsObject();

        // No more fields than were written: the schema adds no configuration.
        Assert.All(stored, field => Assert.Contains($"{field.Key}:", $"{defaults}, {spec}"));
    }

    [Theory]
    [InlineData("region: us-east-1")]
    [InlineData("region: cn-northwest-1, roleARN: 'arn:aws-cn:iam::123456789012:role/path/to/operator'")]
    [InlineData("region: us-gov-west-1, assumeRoleARN: 'arn:aws-us-gov:iam::123456789012:role/operator', externalID: 'a:b/c', sessionTags: true")]
    [InlineData("region: us-isob-east-1, roleARN: 'arn:aws-iso-b:iam::123456789012:role/a', assumeRoleARN: 'arn:aws-iso-b:iam::210987654321:role/b'")]
    [InlineData("region: eusc-de-east-1, accessKeyIDRef: {name: s, key: a}, secretAccessKeyRef: {name: s, key: b}, sessionTokenRef: {name: s, key: c}")]
    [InlineData("region: mx-central-1, credentialsSecret: {name: s}, endpoint: 'http://localstack:4566'")]
    [InlineData("region: us-east-1, sessionTags: false, endpoint: 'https://[::1]/'")]
    [InlineData("region: us-east-1, allowedNamespaces: ['*', team-*, a], allowedAccountIDs: ['012345678901'], defaultTags: {a: b}")]
    public async Task A_right_AWSProvider_is_stored_as_it_was_written(string spec)
    {
        var stored = (await fixture.CreateAsync("AWSProvider", "accepted", $"{{{spec}}}", dryRun: true)).Success["spec"]!.AsObject();

        Assert.All(stored, field => Assert.Contains($"{field.Key}:", spec));
    }

    [Theory]
    [MemberData(nameof(SampleFiles))]
    public async Task Each_sample_is_accepted_with_strict_validation(string file)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Samples, file), TestContext.Current.CancellationToken);
        foreach (var document in text.Split("\n---\n"))
        {
            var kind = document.Split('\n').Single(line => line.StartsWith("kind: ", StringComparison.Ordinal))["kind: ".Length..];
            var path = kind == "Secret" ? $"/api/v1/namespaces/{fixture.Namespace}/secrets" : CustomResourceDefinitions.PathOf(kind, fixture.Namespace);

            var answer = await fixture.Server.PostYamlAsync($"{path}?fieldValidation=Strict&dryRun=All", document.Replace("namespace: default", $"namespace: {fixture.Namespace}", StringComparison.Ordinal));

            _ = answer.Success;
        }
    }

    [Theory]
    [InlineData("app-backend-lifecycle.yaml", "complete.yaml", "app-backend", "lifecyclePolicy", "Delete old untagged images")]
    [InlineData("shared-images-policy.yaml", "cross-account.yaml", "shared-images", "repositoryPolicyText", "ECS-Task-Role")]
    public async Task Each_patch_changes_its_sample(string patch, string sample, string name, string field, string words)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Samples, sample), TestContext.Current.CancellationToken);

        // Under a name of its own: the samples' own names are tried by dry runs beside this test.
        var patched = $"patched-{name}";
        var manifest = text.Replace("namespace: default", $"namespace: {fixture.Namespace}", StringComparison.Ordinal).Replace($"  name: {name}\n", $"  name: {patched}\n", StringComparison.Ordinal);
        _ = (await fixture.Server.PostYamlAsync(CustomResourceDefinitions.PathOf("ECRRepository", fixture.Namespace), manifest)).Success;

        await Kubectl.RunAsync("patch", "ecrrepository", patched, "-n", fixture.Namespace, "--type", "merge", "--patch-file", Path.Combine(Samples, "patches", patch));

        var stored = (await fixture.Server.GetAsync(fixture.PathOf("ECRRepository", patched))).Success;
        Assert.Contains(words, stored["spec"]![field]!.ToJsonString());
    }

    [Fact]
    public async Task The_samples_README_lists_every_file()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Samples, "README.md"), TestContext.Current.CancellationToken);

        Assert.All(Directory.EnumerateFiles(Samples, "*.yaml", SearchOption.AllDirectories), file => Assert.Contains($"`{Path.GetRelativePath(Samples, file)}`", readme));
    }
}
