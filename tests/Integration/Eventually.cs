using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace InfraOperator.Integration;

/// <summary>Waits for what the operator does to an object, by a watch, so that nothing is waited for longer than it takes.</summary>
public static class Eventually
{
    /// <summary>How long anything is waited for.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>The first state of an object of our kinds, present or to come, for which a predicate holds.</summary>
    public static Task<JsonNode> HoldsAsync(
        this RawApiServer server, string kind, string @namespace, string name, Func<JsonNode, bool> predicate, [CallerArgumentExpression(nameof(predicate))] string words = "") =>
        WatchAsync(server, kind, @namespace, name, change => (string?)change["type"] is "ADDED" or "MODIFIED" && predicate(change["object"]!), words);

    /// <summary>Completes when an object is there no more.</summary>
    public static async Task GoneAsync(this RawApiServer server, string kind, string @namespace, string name)
    {
        // A deletion that was before the watch is no event of it.
        if ((await server.GetAsync($"{CustomResourceDefinitions.PathOf(kind, @namespace)}/{name}")) is { Code: System.Net.HttpStatusCode.OK, Body: var item })
        {
            var version = (string?)item["metadata"]!["resourceVersion"];
            await WatchAsync(server, kind, @namespace, name, change => (string?)change["type"] is "DELETED", "gone", $"&resourceVersion={version}");
        }
    }

    private static async Task<JsonNode> WatchAsync(RawApiServer server, string kind, string @namespace, string name, Func<JsonNode, bool> holds, string words, string from = "")
    {
        var start = TimeProvider.System.GetTimestamp();
        JsonNode? last = null;
        while (TimeProvider.System.GetElapsedTime(start) is var elapsed && elapsed < Deadline)
        {
            // The server ends the watch at the deadline, or earlier by its own lights.
            var seconds = Math.Ceiling((Deadline - elapsed).TotalSeconds);
            var path = $"{CustomResourceDefinitions.PathOf(kind, @namespace)}?watch=true&fieldSelector=metadata.name={name}&timeoutSeconds={seconds}{from}";
            await foreach (var change in server.WatchAsync(path))
            {
                last = change;
                if (holds(change))
                {
                    return change["object"]!;
                }
            }
        }

        throw new TimeoutException($"{kind} {@namespace}/{name} did not come to '{words}' within {Deadline.TotalSeconds:0} seconds; it was last seen as {last?.ToJsonString() ?? "nothing"}");
    }
}
