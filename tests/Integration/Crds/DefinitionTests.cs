using System.Text.Json.Nodes;

namespace InfraOperator.Integration.Crds;

/// <summary>The definitions themselves, as the API server serves and explains them.</summary>
public sealed class DefinitionTests(CrdFixture fixture) : IClassFixture<CrdFixture>
{
    public static TheoryData<string> Kinds => ["AWSProvider", "ECRRepository"];

    [Theory]
    [InlineData("AWSProvider", "awsproviders", "awsprovider", "awsp")]
    [InlineData("ECRRepository", "ecrrepositories", "ecrrepository", "ecr")]
    public async Task Discovery_has_the_names_that_the_documentation_uses(string kind, string plural, string singular, string shortName)
    {
        var resources = (await fixture.Server.GetAsync(CustomResourceDefinitions.ApiPath)).Success["resources"]!.AsArray();

        var resource = Assert.Single(resources, resource => (string?)resource!["name"] == plural)!;
        Assert.Equal(kind, (string?)resource["kind"]);
        Assert.Equal(singular, (string?)resource["singularName"]);
        Assert.Equal(shortName, (string?)Assert.Single(resource["shortNames"]!.AsArray()));
        Assert.Equal("aws", (string?)Assert.Single(resource["categories"]!.AsArray()));
        Assert.True((bool)resource["namespaced"]!);
        Assert.Contains(resources, resource => (string?)resource!["name"] == $"{plural}/status");
    }

    [Theory]
    [InlineData("awsp")]
    [InlineData("ecr")]
    [InlineData("aws")]
    [InlineData("awsproviders")]
    [InlineData("ecrrepositories")]
    public async Task kubectl_get_knows_the_name(string name) => await Kubectl.RunAsync("get", name, "-n", fixture.Namespace);

    [Fact]
    public async Task Repositories_can_be_selected_by_provider()
    {
        _ = (await fixture.CreateAsync("ECRRepository", "one", "{providerRef: {name: first}, repositoryName: app/one}")).Success;
        _ = (await fixture.CreateAsync("ECRRepository", "two", "{providerRef: {name: second}, repositoryName: app/two}")).Success;

        var names = await Kubectl.RunAsync("get", "ecr", "-n", fixture.Namespace, "--field-selector", "spec.providerRef.name=second", "-o", "name");

        Assert.Equal($"ecrrepository.{CustomResourceDefinitions.Group}/two", names.Trim());
    }

    [Theory]
    [InlineData("ecrrepository.spec", "repositoryName", "deletionPolicy", "Observe", "policyText")]
    [InlineData("awsprovider.spec", "credentialsSecret", "assumeRoleARN", "allowedAccountIDs", "-required-")]
    public async Task kubectl_explain_shows_the_whole_spec(string path, params string[] words)
    {
        var tree = await Kubectl.RunAsync("explain", path, "--recursive");

        Assert.All(words, word => Assert.Contains(word, tree));
    }

    [Theory]
    [InlineData("ecrrepository.spec.deletionPolicy", "images are lost")]
    [InlineData("ecrrepository.spec.encryptionConfiguration.kmsKey", "alias/ecr-encryption")]
    [InlineData("awsprovider.spec.roleARN", "IRSA")]
    public async Task kubectl_explain_says_what_a_field_does(string path, string words)
    {
        var text = string.Join(' ', (await Kubectl.RunAsync("explain", path)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

        Assert.Contains(words, text);
        Assert.DoesNotContain("<no description>", text);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_field_has_a_description_that_ends_as_a_sentence(string kind)
    {
        foreach (var (path, schema) in await SchemasAsync(kind))
        {
            var description = (string?)schema["description"];
            Assert.True(description is { Length: > 5 and < 400 } && description.EndsWith('.'), $"{path}: {description ?? "no description"}");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_rule_says_in_words_what_to_write_instead(string kind)
    {
        foreach (var (path, schema) in await SchemasAsync(kind))
        {
            foreach (var rule in schema["x-kubernetes-validations"]?.AsArray() ?? [])
            {
                var words = (string?)rule!["message"] ?? (string?)rule["messageExpression"] ?? "";
                var field = (string?)rule["fieldPath"] ?? (path == "spec" ? "" : path);
                Assert.True(words.Contains(field[(field.LastIndexOf('.') + 1)..], StringComparison.Ordinal) && words.Length > 40, $"{path}: {rule["rule"]}: {words}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task No_field_escapes_the_schema_and_no_configuration_has_a_default(string kind)
    {
        foreach (var (path, schema) in await SchemasAsync(kind))
        {
            Assert.False(schema.ContainsKey("x-kubernetes-preserve-unknown-fields"), $"{path} keeps unknown fields.");
            Assert.True(path == "status" || !schema.ContainsKey("default"), $"{path} has a default.");
            Assert.True(schema["additionalProperties"] is null || schema.ContainsKey("maxProperties"), $"{path} has no bound.");
            Assert.True((string?)schema["type"] != "array" || schema.ContainsKey("maxItems"), $"{path} has no bound.");
            Assert.True(!path.StartsWith("spec.", StringComparison.Ordinal) || (string?)schema["type"] != "string" || schema.ContainsKey("maxLength") || schema.ContainsKey("enum"), $"{path} has no bound.");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_definition_is_healthy_and_survives_an_uninstall_of_the_chart(string kind)
    {
        var definition = await DefinitionAsync(kind);
        var conditions = definition["status"]!["conditions"]!.AsArray().ToDictionary(condition => (string)condition!["type"]!, condition => (string?)condition!["status"]);

        Assert.Equal("True", conditions["Established"]);
        Assert.DoesNotContain("NonStructuralSchema", conditions.Keys);
        Assert.Equal("keep", (string?)definition["metadata"]!["annotations"]!["helm.sh/resource-policy"]);
    }

    private async Task<JsonNode> DefinitionAsync(string kind) =>
        (await fixture.Server.GetAsync($"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{CustomResourceDefinitions.PluralOf(kind)}.{CustomResourceDefinitions.Group}")).Success;

    private async Task<IReadOnlyList<(string Path, JsonObject Schema)>> SchemasAsync(string kind)
    {
        var version = Assert.Single((await DefinitionAsync(kind))["spec"]!["versions"]!.AsArray())!;
        return [.. Walk("", version["schema"]!["openAPIV3Schema"]!.AsObject())];
    }

    private static IEnumerable<(string Path, JsonObject Schema)> Walk(string path, JsonObject schema)
    {
        // The server describes metadata itself and permits no words of ours.
        if (path != "metadata")
        {
            yield return (path, schema);
        }

        var children = (schema["properties"]?.AsObject() ?? [])
            .Select(property => (Path: path == "" ? property.Key : $"{path}.{property.Key}", Schema: property.Value!.AsObject()))
            .Concat(schema["items"] is JsonObject items ? [(path + "[]", items)] : [])
            .Concat(schema["additionalProperties"] is JsonObject values ? [(path + "{}", values)] : []);
        foreach (var found in children.SelectMany(child => Walk(child.Path, child.Schema)))
        {
            yield return found;
        }
    }
}
