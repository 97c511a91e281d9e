using System.Text.Json.Nodes;
using CsCheck;

namespace InfraOperator.Aws.Tests.Policies;

/// <summary>For all policies: what means the same has one normal form, and what was changed has another.</summary>
public sealed class PolicyPropertyTests
{
    private static readonly Gen<string> Word = Gen.String[Gen.Char["abz019-._/:é東\"\\ "], 1, 6].Select(word => "w" + word);

    /// <summary>Distinct, since a repetition in a set can be changed without changing the set.</summary>
    private static readonly Gen<JsonNode> Words = Word.Array[1, 4].Select(words => (JsonNode)new JsonArray([.. words.Distinct().Select(word => (JsonNode)word)]));

    private static readonly Gen<JsonNode> Selection = Gen.Select(Gen.Int[0, 2], Words, Word, Gen.Int[1, 1000], Gen.Bool, (shape, words, word, number, archived) =>
    {
        var selection = new JsonObject { ["tagStatus"] = word, ["countType"] = "sinceImagePushed", ["countUnit"] = "days", ["countNumber"] = number };
        if (shape > 0)
        {
            selection[shape == 1 ? "tagPatternList" : "tagPrefixList"] = words;
        }

        if (archived)
        {
            selection["storageClass"] = "archive";
        }

        return (JsonNode)selection;
    });

    private static readonly Gen<JsonNode> Lifecycle = Gen.Select(Gen.Int[1, 100], Word, Selection, Gen.Bool, (priority, word, selection, unknown) =>
    {
        var rule = new JsonObject { ["rulePriority"] = priority, ["description"] = word, ["selection"] = selection, ["action"] = new JsonObject { ["type"] = "expire" } };
        if (unknown)
        {
            rule["aKeyOfTheFuture"] = new JsonObject { [word] = true, ["depth"] = new JsonArray(1, 2) };
        }

        return (JsonNode)rule;
    }).Array[1, 6].Select(rules => (JsonNode)new JsonObject { ["rules"] = new JsonArray(rules) });

    private static readonly Gen<JsonNode> Repository = Gen.Select(Word, Words, Words, Words, Gen.Bool, (word, actions, principals, values, conditional) =>
    {
        var statement = new JsonObject { ["Sid"] = word, ["Effect"] = "Allow", ["Principal"] = new JsonObject { ["AWS"] = principals, ["Service"] = "codebuild.amazonaws.com" }, ["Action"] = actions };
        if (conditional)
        {
            statement["Condition"] = new JsonObject { ["StringLike"] = new JsonObject { ["aws:PrincipalOrgPaths"] = values, [$"aws:{word}"] = "one" } };
        }

        return (JsonNode)statement;
    }).Array[1, 5].Select(statements => (JsonNode)new JsonObject { ["Version"] = "2012-10-17", ["Statement"] = new JsonArray(statements) });

    [Fact]
    public void A_lifecycle_policy_means_the_same_in_any_order_and_spelling() =>
        Gen.Select(WithoutUnknownLists(Lifecycle), Gen.Int).Sample((policy, seed) => Same(LifecyclePolicy.Parse, policy, seed), iter: 2000);

    [Fact]
    public void A_repository_policy_means_the_same_in_any_order_and_spelling() =>
        Gen.Select(Repository, Gen.Int).Sample((policy, seed) => Same(RepositoryPolicy.Parse, policy, seed), iter: 2000);

    [Fact]
    public void One_changed_value_is_another_lifecycle_policy() =>
        Gen.Select(Lifecycle, Gen.Int[0, 1000]).Sample((policy, which) => Differs(LifecyclePolicy.Parse, policy, which), iter: 2000);

    [Fact]
    public void One_changed_value_is_another_repository_policy() =>
        Gen.Select(Repository, Gen.Int[0, 1000]).Sample((policy, which) => Differs(RepositoryPolicy.Parse, policy, which), iter: 2000);

    [Fact]
    public void A_normal_form_is_its_own_normal_form() =>
        Gen.Select(Lifecycle, Repository).Sample((lifecycle, repository) =>
        {
            var (first, second) = (LifecyclePolicy.Parse(lifecycle.ToJsonString()), RepositoryPolicy.Parse(repository.ToJsonString()));
            return LifecyclePolicy.Parse(first.NormalForm!) == first && RepositoryPolicy.Parse(second.NormalForm!) == second;
        }, iter: 500);

    [Fact]
    public void Garbage_is_an_error_and_never_an_exception() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["{}[]\",:0-.eE truefalsn\\u"], 0, 60])
            .Sample(text => LifecyclePolicy.Parse(text).IsValid == RepositoryPolicy.Parse(text).IsValid, iter: 20_000);

    /// <summary>The order of a list that no one knows may matter, so it is no spelling.</summary>
    private static Gen<JsonNode> WithoutUnknownLists(Gen<JsonNode> policies) => policies.Select(policy =>
    {
        foreach (var rule in policy["rules"]!.AsArray())
        {
            (rule!["aKeyOfTheFuture"] as JsonObject)?.Remove("depth");
        }

        return policy;
    });

    private static bool Same(Func<string, PolicyParse> parse, JsonNode policy, int seed)
    {
        var (plain, shuffled) = (parse(policy.ToJsonString()), parse(new JsonShuffle(seed).Write(policy)));
        return plain.IsValid && plain == shuffled && plain.Fingerprint.Length == 16;
    }

    private static bool Differs(Func<string, PolicyParse> parse, JsonNode policy, int which)
    {
        var before = parse(policy.ToJsonString());
        var leaves = Leaves(policy).ToList();
        var leaf = leaves[which % leaves.Count];
        leaf.ReplaceWith(leaf.TryGetValue<int>(out var number) ? JsonValue.Create(number + 1) : leaf.TryGetValue<bool>(out var flag) ? JsonValue.Create(!flag) : JsonValue.Create((string)leaf! + "x"));
        var after = parse(policy.ToJsonString());
        return before.IsValid && after.IsValid && before.NormalForm != after.NormalForm && before.Fingerprint != after.Fingerprint;
    }

    private static IEnumerable<JsonValue> Leaves(JsonNode? node) => node switch
    {
        JsonObject members => members.ToList().SelectMany(member => Leaves(member.Value)),
        JsonArray items => items.ToList().SelectMany(Leaves),
        JsonValue value => [value],
        _ => [],
    };
}
