using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>Objects as a person with kubectl sees and changes them, by plain HTTP past the proxy.</summary>
/// <param name="http">The API server, by its base address.</param>
public sealed class KubernetesObjects(HttpClient http)
{
    /// <summary>How long anything may take to come true. Far above what it takes, so that a busy machine fails no test.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task<JsonObject> CreateAsync(JsonObject value)
    {
        var metadata = value["metadata"]!;
        return await SendAsync(HttpMethod.Post, PathOf((string)value["kind"]!, (string?)metadata["namespace"], null), value, "application/json");
    }

    /// <summary>Creates an object without a namespace, or lays it over the one that is there; lists are replaced.</summary>
    public async Task<JsonObject> ApplyAsync(JsonObject value)
    {
        var (kind, name) = ((string)value["kind"]!, (string)value["metadata"]!["name"]!);
        return await FindAsync(kind, null, name) is null ? await CreateAsync(value) : await PatchAsync(kind, null, name, value);
    }

    /// <summary>Waits for what the API server says of our kinds in OpenAPI. It follows the definitions, and there is nothing else to wait on.</summary>
    public async Task UntilDocumentAsync(Func<JsonObject, bool> holds, [CallerArgumentExpression(nameof(holds))] string what = "")
    {
        var started = TimeProvider.System.GetTimestamp();
        while (await TrySendAsync(HttpMethod.Get, $"/openapi/v3/apis/{ApiNames.ApiVersion}", null, "") is var (code, document) && !(code == HttpStatusCode.OK && holds(document)))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Deadline, $"The API server did not come to say: {what}");
        }
    }

    public async Task<JsonObject?> FindAsync(string kind, string? ns, string name) =>
        await TrySendAsync(HttpMethod.Get, PathOf(kind, ns, name), null, "") is (HttpStatusCode.OK, var value) ? value : null;

    /// <summary>Every object of a kind in a namespace.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(string kind, string ns) =>
        [.. (await SendAsync(HttpMethod.Get, PathOf(kind, ns, null), null, ""))["items"]!.AsArray().Select(item => item!.AsObject())];

    /// <summary>Changes an object, or its status, by a merge patch.</summary>
    public Task<JsonObject> PatchAsync(string kind, string? ns, string name, JsonObject patch, string? subresource = null) =>
        SendAsync(HttpMethod.Patch, PathOf(kind, ns, name) + (subresource is null ? "" : $"/{subresource}"), patch, "application/merge-patch+json");

    public Task DeleteAsync(string kind, string? ns, string name) => SendAsync(HttpMethod.Delete, PathOf(kind, ns, name), null, "");

    /// <summary>The events that regard an object, in the order in which they were recorded.</summary>
    public async Task<IReadOnlyList<JsonObject>> EventsAsync(string ns, string name) =>
        [.. (await SendAsync(HttpMethod.Get, PathOf("Event", ns, null), null, ""))["items"]!.AsArray()
            .Select(item => item!.AsObject())
            .Where(item => (string?)item["regarding"]?["name"] == name)
            .OrderBy(item => (string?)item["eventTime"], StringComparer.Ordinal)];

    /// <summary>Waits until an object is as said, and returns it.</summary>
    public async Task<JsonObject> UntilAsync(string kind, string ns, string name, Func<JsonObject, bool> holds, [CallerArgumentExpression(nameof(holds))] string what = "") =>
        (await FollowAsync(kind, ns, name, value => value is not null && holds(value), what))!;

    /// <summary>Waits until an object is gone, which gives null, or as said.</summary>
    public Task<JsonObject?> UntilGoneOrAsync(string kind, string ns, string name, Func<JsonObject, bool> holds, [CallerArgumentExpression(nameof(holds))] string what = "") =>
        FollowAsync(kind, ns, name, value => value is null || holds(value), $"gone, or {what}");

    /// <summary>Waits until an object is gone.</summary>
    public Task UntilGoneAsync(string kind, string? ns, string name) => FollowAsync(kind, ns, name, value => value is null, "gone");

    private async Task<JsonObject?> FollowAsync(string kind, string? ns, string name, Func<JsonObject?, bool> holds, string what)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(Deadline);
        JsonObject? last = null;
        try
        {
            while (true)
            {
                var list = await SendAsync(HttpMethod.Get, $"{PathOf(kind, ns, null)}?fieldSelector=metadata.name={name}", null, "", deadline.Token);
                last = list["items"]!.AsArray().SingleOrDefault()?.AsObject();
                if (holds(last))
                {
                    return last;
                }

                await foreach (var change in WatchAsync(kind, ns, name, (string)list["metadata"]!["resourceVersion"]!, deadline.Token))
                {
                    last = (string?)change["type"] == "DELETED" ? null : change["object"]!.AsObject();
                    if (holds(last))
                    {
                        return last;
                    }
                }
            }
        }
        catch (OperationCanceledException) when (!Cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"{kind} {ns}/{name} was not within {Deadline.TotalSeconds:0} s: {what}. It is: {last?.ToJsonString() ?? "gone"}");
        }
    }

    private async IAsyncEnumerable<JsonNode> WatchAsync(string kind, string? ns, string name, string from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = $"{PathOf(kind, ns, null)}?watch=true&fieldSelector=metadata.name={name}&resourceVersion={from}";
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (response.IsSuccessStatusCode && await ReadLineAsync(reader, cancellationToken) is { } line)
        {
            var change = JsonNode.Parse(line)!;
            if ((string?)change["type"] is "ERROR")
            {
                yield break;
            }

            yield return change;
        }
    }

    private static async Task<string?> ReadLineAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadLineAsync(cancellationToken);
        }
        catch (IOException)
        {
            return null; // A test may break all watches; this one begins again.
        }
    }

    private Task<JsonObject> SendAsync(HttpMethod method, string path, JsonObject? body, string type) => SendAsync(method, path, body, type, Cancel);

    private async Task<JsonObject> SendAsync(HttpMethod method, string path, JsonObject? body, string type, CancellationToken cancellationToken)
    {
        var (code, answer) = await TrySendAsync(method, path, body, type, cancellationToken);
        return (int)code < 300 ? answer : throw new InvalidOperationException($"{method} {path}: {(int)code} {answer.ToJsonString()}");
    }

    private async Task<(HttpStatusCode Code, JsonObject Answer)> TrySendAsync(HttpMethod method, string path, JsonObject? body, string type, CancellationToken? cancellationToken = null)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null)
            {
                request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(type));
            }

            using var response = await http.SendAsync(request, cancellationToken ?? Cancel);
            if (response.StatusCode == HttpStatusCode.TooManyRequests && response.Headers.RetryAfter?.Delta is { } wait)
            {
                // A definition has just changed, and its cache is being filled.
                await Task.Delay(wait, cancellationToken ?? Cancel);
                continue;
            }

            var text = await response.Content.ReadAsStringAsync(cancellationToken ?? Cancel);

            // What no handler serves is answered in plain text.
            return (response.StatusCode, response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonNode.Parse(text)!.AsObject() : new() { ["message"] = text });
        }
    }

    private static string PathOf(string kind, string? ns, string? name)
    {
        var (root, plural) = kind switch
        {
            ECRRepository.Kind => ($"/apis/{ApiNames.ApiVersion}", ECRRepository.Plural),
            AWSProvider.Kind => ($"/apis/{ApiNames.ApiVersion}", AWSProvider.Plural),
            "Secret" => ("/api/v1", "secrets"),
            "Namespace" => ("/api/v1", "namespaces"),
            "CustomResourceDefinition" => ("/apis/apiextensions.k8s.io/v1", "customresourcedefinitions"),
            "Event" => ("/apis/events.k8s.io/v1", "events"),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind that the suite uses."),
        };
        return $"{root}{(ns is null ? "" : $"/namespaces/{ns}")}/{plural}{(name is null ? "" : $"/{name}")}";
    }
}
