using System.Text.Json.Nodes;
using CsCheck;

namespace InfraOperator.Kubernetes.Tests.Patches;

public class StatusPatchTests
{
    private static readonly Gen<string> Key = Gen.OneOf("ready", "message", "conditions", "a/b", "m~n", "");

    private static readonly Gen<string> Value = Gen.OneOf("null", "true", "1", "1.0", "\"x\"", "[]", "[1,null]", "{}", "{\"a\":{\"b\":[1]}}", "{\"a\":{\"b\":[2]}}");

    private static readonly Gen<JsonObject> Status =
        Gen.Dictionary(Key, Value)[0, 5].Select(pairs => new JsonObject(pairs.Select(pair => KeyValuePair.Create(pair.Key, JsonNode.Parse(pair.Value)))));

    [Fact]
    public void Only_what_changed_is_sent()
    {
        var patch = StatusPatch.Between("u", Parse("""{"same":[1],"old":1,"gone":2}"""), Parse("""{"same":[1],"old":{"x":1},"new/key":3}"""));

        Assert.Equal(
            """[{"op":"test","path":"/metadata/uid","value":"u"},{"op":"add","path":"/status/old","value":{"x":1}},{"op":"add","path":"/status/new~1key","value":3},{"op":"remove","path":"/status/gone"}]""",
            patch!.ToString());
    }

    [Fact]
    public void A_status_is_added_as_a_whole_where_there_was_none() =>
        Assert.Equal(
            """[{"op":"test","path":"/metadata/uid","value":"u"},{"op":"add","path":"/status","value":{"ready":true}}]""",
            StatusPatch.Between("u", null, Parse("""{"ready":true,"message":null}"""))!.ToString());

    [Fact]
    public void Nothing_is_sent_when_nothing_changed()
    {
        Assert.Null(StatusPatch.Between("u", Parse("""{"a":{"b":1,"c":2}}"""), Parse("""{"a":{"c":2,"b":1}}""")));
        Assert.Null(StatusPatch.Between("u", Parse("""{"a":1}"""), Parse("""{"b":null,"a":1}""")));
        Assert.Null(StatusPatch.Between("u", null, []));
    }

    [Fact]
    public void A_patch_does_not_change_with_what_it_was_made_of()
    {
        var after = Parse("""{"a":{"b":1}}""");
        var patch = StatusPatch.Between("u", [], after)!;
        after["a"]!["b"] = 2;
        patch.Operations[1].Value!["b"] = 3;

        Assert.Contains("{\"b\":1}", patch.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Applied_to_what_was_before_it_gives_what_shall_be_and_unknown_keys_survive() =>
        Gen.Select(Status, Status, Gen.Bool).Sample((before, after, stored) =>
        {
            var patch = StatusPatch.Between("u", stored ? before : null, after);
            var status = stored ? Parse(before.ToJsonString()) : null;
            if (stored)
            {
                status!["onlyInALaterVersion"] = 7;
            }

            var document = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = "u" }, ["status"] = status };
            Apply(document, patch);

            var result = document["status"]?.AsObject() ?? [];
            Assert.Equal(stored, result.Remove("onlyInALaterVersion"));
            Assert.True(JsonNode.DeepEquals(WithoutNulls(after), WithoutNulls(result)), $"{before.ToJsonString()} + {patch} = {result.ToJsonString()}, not {after.ToJsonString()}");
            Assert.Null(StatusPatch.Between("u", result, after));
        });

    /// <summary>RFC 6902 as far as these patches use it: below <c>/status</c> keys of one level.</summary>
    private static void Apply(JsonObject document, JsonPatch? patch)
    {
        foreach (var operation in patch?.Operations ?? [])
        {
            var keys = operation.Path[1..].Split('/').Select(key => key.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToArray();
            var parent = keys[..^1].Aggregate(document, (node, key) => node[key]!.AsObject());
            switch (operation.Op)
            {
                case "test":
                    Assert.True(JsonNode.DeepEquals(parent[keys[^1]], operation.Value));
                    break;
                case "add":
                    parent[keys[^1]] = operation.Value;
                    break;
                default:
                    Assert.Equal("remove", operation.Op);
                    Assert.True(parent.Remove(keys[^1]));
                    break;
            }
        }
    }

    private static JsonObject WithoutNulls(JsonObject status) =>
        new(status.Where(pair => pair.Value is not null).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())));

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
