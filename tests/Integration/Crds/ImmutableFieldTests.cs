using System.Net;

namespace InfraOperator.Integration.Crds;

/// <summary>What AWS cannot change, the API server does not let anybody ask for.</summary>
public sealed class ImmutableFieldTests(CrdFixture fixture) : IClassFixture<CrdFixture>
{
    private const string Kms = """ "encryptionConfiguration":{"encryptionType":"KMS","kmsKey":"alias/a"} """;

    [Theory]
    [InlineData("name", "{}", """ {"repositoryName":"app/other"} """, "spec.repositoryName", "create another ECRRepository")]
    [InlineData("type", $"{{{Kms}}}", """ {"encryptionConfiguration":{"encryptionType":"KMS_DSSE"}} """, "spec.encryptionConfiguration.encryptionType", "restore the former value")]
    [InlineData("key", $"{{{Kms}}}", """ {"encryptionConfiguration":{"kmsKey":"alias/b"}} """, "spec.encryptionConfiguration.kmsKey", "restore the former value")]
    [InlineData("no-key", $"{{{Kms}}}", """ {"encryptionConfiguration":{"kmsKey":null}} """, "spec.encryptionConfiguration.kmsKey", "cannot be removed")]
    [InlineData("no-encryption", $"{{{Kms}}}", """ {"encryptionConfiguration":null} """, "spec.encryptionConfiguration", "cannot be removed")]
    public async Task A_set_value_can_be_neither_changed_nor_removed(string name, string before, string change, string field, string words)
    {
        await CreateAsync(name, before);

        var answer = await PatchAsync(name, change);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.Contains(answer.Causes, cause => cause.StartsWith($"{field}: ", StringComparison.Ordinal) && cause.Contains(words, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("add-encryption", "{}", """ {"encryptionConfiguration":{"encryptionType":"AES256"}} """)]
    [InlineData("add-key", """ {"encryptionConfiguration":{"encryptionType":"KMS"}} """, """ {"encryptionConfiguration":{"kmsKey":"alias/a"}} """)]
    [InlineData("same", $"{{{Kms}}}", $"{{{Kms}}}")]
    [InlineData("provider", "{}", """ {"providerRef":{"name":"other","namespace":"other"}} """)]
    [InlineData("filters", """ {"imageTagMutability":"MUTABLE"} """, """ {"imageTagMutability":"MUTABLE_WITH_EXCLUSION","imageTagMutabilityExclusionFilters":[{"filterType":"WILDCARD","filter":"a"}]} """)]
    [InlineData("no-tags", """ {"tags":{"a":"b"}} """, """ {"tags":null} """)]
    [InlineData("policy", """ {"deletionPolicy":"Delete"} """, """ {"deletionPolicy":"Retain"} """)]
    public async Task What_was_absent_may_be_set_later_and_all_else_may_change(string name, string before, string change)
    {
        await CreateAsync(name, before);

        _ = (await PatchAsync(name, change)).Success;
    }

    private async Task CreateAsync(string name, string spec)
    {
        _ = (await fixture.CreateAsync("ECRRepository", name, "{providerRef: {name: p}, repositoryName: app/backend}")).Success;
        _ = (await PatchAsync(name, spec)).Success;
    }

    private Task<ApiAnswer> PatchAsync(string name, string spec) =>
        fixture.Server.MergePatchAsync(fixture.PathOf("ECRRepository", name), $$"""{"spec":{{spec}}}""");
}
