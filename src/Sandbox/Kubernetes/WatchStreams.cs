using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace InfraOperator.Sandbox.Kubernetes;

/// <summary>The answers to watches: the state or the changes since a version, then what happens, line by line.</summary>
internal sealed class WatchStreams(ObjectStore store, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan BookmarkPeriod = TimeSpan.FromMinutes(1);

    private CancellationTokenSource _connected = new();
    private TaskCompletionSource _audible = Completed();

    /// <summary>Breaks the connections of all running watches.</summary>
    public void Drop() => Interlocked.Exchange(ref _connected, new()).Cancel();

    /// <summary>Holds back all that watches would say, without closing them, until told otherwise.</summary>
    public void Silence(bool silent)
    {
        if (silent)
        {
            Interlocked.Exchange(ref _audible, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
        else
        {
            _audible.TrySetResult();
        }
    }

    public void Dispose() => _connected.Dispose();

    public async Task ServeAsync(HttpContext context, ResourceType type, string? ns, Selector selector)
    {
        var query = context.Request.Query;
        var (version, replay) = Start(query);
        var bookmarks = query["allowWatchBookmarks"] == "true";
        var table = context.Request.Headers.Accept.ToString().Contains("as=Table", StringComparison.Ordinal);
        var headers = true;
        using var timeout = new CancellationTokenSource(Seconds(query["timeoutSeconds"]), time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, context.RequestAborted, _connected.Token);
        var dropped = _connected.Token;
        context.Response.ContentType = "application/json";
        await context.Response.Body.FlushAsync(context.RequestAborted);
        try
        {
            if (replay)
            {
                List<JsonObject> items;
                lock (store.Gate)
                {
                    version = store.Version;
                    items = [.. store.List(type.Storage, ns is null ? "" : ns + "/").Select(pair => type.Present(pair.Value.Value)).Where(selector.Matches)];
                }

                foreach (var item in items)
                {
                    await WriteAsync("ADDED", item);
                }

                if (bookmarks)
                {
                    await WriteAsync("BOOKMARK", Bookmark(type, version, initial: true));
                }
            }

            using var bookmark = new PeriodicTimer(BookmarkPeriod, time);
            var due = bookmark.WaitForNextTickAsync(ended.Token).AsTask();
            while (true)
            {
                var changed = store.Changed;
                (var changes, version) = store.After(type.Storage, version);
                foreach (var change in changes)
                {
                    if (Event(change, type, ns, selector) is var (kind, shown))
                    {
                        await WriteAsync(kind, shown);
                    }
                }

                if (due.IsCompleted)
                {
                    due = bookmark.WaitForNextTickAsync(ended.Token).AsTask();
                    if (bookmarks)
                    {
                        await WriteAsync("BOOKMARK", Bookmark(type, version, initial: false));
                    }
                }

                await Task.WhenAny(changed, due).WaitAsync(ended.Token);
            }
        }
        catch (ApiException expired)
        {
            await WriteAsync("ERROR", expired.ToStatus());
        }
        catch (OperationCanceledException) when (dropped.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (OperationCanceledException)
        {
            // The watch's time is over, or the client has gone: the answer ends here.
        }

        async Task WriteAsync(string kind, JsonObject item)
        {
            await Volatile.Read(ref _audible).Task.WaitAsync(ended.Token);
            var shown = item;
            if (table && kind != "ERROR")
            {
                var metadata = new JsonObject { ["resourceVersion"] = ObjectMeta.Text(item, "resourceVersion") };
                shown = Tables.Render(type, [item], metadata, query["includeObject"], time.GetUtcNow(), headers);
                headers = false;
            }

            // The stored object has its place in the store, so it goes to the line as text, not as a child.
            await context.Response.WriteAsync($"{{\"type\":\"{kind}\",\"object\":{shown.ToJsonString(FieldError.Plain)}}}\n", ended.Token);
            await context.Response.Body.FlushAsync(ended.Token);
        }
    }

    private (long Version, bool Replay) Start(IQueryCollection query)
    {
        string? text = query["resourceVersion"];
        var initial = query["sendInitialEvents"] == "true";
        if (initial && query["resourceVersionMatch"] != "NotOlderThan")
        {
            throw ApiException.Invalid("ListOptions", "meta.k8s.io", "", [FieldError.Forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")]);
        }

        if (string.IsNullOrEmpty(text) || text == "0")
        {
            return (store.Version, true);
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? (version, initial)
            : throw new ApiException(500, null, $"resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax");
    }

    /// <summary>What a change is to a watch: an object that comes to match the selector is added to it, one that ceases to is deleted.</summary>
    private static (string Kind, JsonObject Shown)? Event(Change change, ResourceType type, string? ns, Selector selector)
    {
        if (ns is not null && ObjectMeta.Text(change.Object, "namespace") != ns)
        {
            return null;
        }

        var shown = type.Present(change.Object);
        var before = change.Before is not null && selector.Matches(type.Present(change.Before));
        var after = !change.Deleted && selector.Matches(shown);
        return (before, after) switch
        {
            (false, true) => ("ADDED", shown),
            (true, true) => ("MODIFIED", shown),
            (true, false) => ("DELETED", shown),
            _ => null,
        };
    }

    private static JsonObject Bookmark(ResourceType type, long version, bool initial)
    {
        var metadata = new JsonObject { ["resourceVersion"] = $"{version}" };
        if (initial)
        {
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        }

        return new() { ["kind"] = type.Kind, ["apiVersion"] = type.ApiVersion, ["metadata"] = metadata };
    }

    private static TimeSpan Seconds(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds) : TimeSpan.FromMinutes(30);

    private static TaskCompletionSource Completed()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }
}
