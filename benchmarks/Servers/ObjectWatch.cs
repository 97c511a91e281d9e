using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>One version of an ECRRepository as a user's watch shows it.</summary>
/// <param name="At">When it was seen, as a <see cref="Stopwatch"/> timestamp.</param>
/// <param name="Generation">The generation of the spec.</param>
/// <param name="IsReady">Whether the status says Ready.</param>
/// <param name="AppliedGeneration">The generation that the status calls applied.</param>
/// <param name="IsGone">Whether the object is gone.</param>
internal sealed record Sighting(long At, long Generation, bool IsReady, long AppliedGeneration, bool IsGone);

/// <summary>Watches objects as a user would, and remembers when each thing became visible.</summary>
internal sealed class ObjectWatch : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<string, ConcurrentQueue<Sighting>> _sightings = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;
    private string _seen = "0";

    public ObjectWatch(Cluster cluster, string path) => _reading = ReadAsync(cluster, $"{path}?watch=true&timeoutSeconds=86400");

    /// <summary>The objects that were ever seen.</summary>
    public IReadOnlyCollection<string> Names => [.. _sightings.Keys];

    /// <summary>When an object was first seen in some state; null if it was not yet.</summary>
    public long? First(string name, Func<Sighting, bool> state) => _sightings.GetValueOrDefault(name)?.FirstOrDefault(state)?.At;

    /// <summary>Waits until each of some objects was seen in a state.</summary>
    public Task UntilAsync(IReadOnlyCollection<string> names, Func<Sighting, bool> state, string what, CancellationToken cancellationToken) =>
        UntilAsync(names, state, what, Until.Patience, cancellationToken);

    /// <inheritdoc cref="UntilAsync(IReadOnlyCollection{string}, Func{Sighting, bool}, string, CancellationToken)"/>
    public Task UntilAsync(IReadOnlyCollection<string> names, Func<Sighting, bool> state, string what, TimeSpan patience, CancellationToken cancellationToken) => Until.TrueAsync(
        () => _reading.IsCompleted ? throw new BenchmarkException($"The watch ended: {_reading.Status} {_reading.Exception?.InnerException}") : names.All(name => First(name, state) is not null),
        $"{names.Count} objects to be {what}",
        patience,
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task ReadAsync(Cluster cluster, string path)
    {
        // A server ends a watch that is read too slowly, as it may be in a burst, or because it restarts: go on from what was seen last.
        while (true)
        {
            try
            {
                await ReadOnceAsync(cluster, $"{path}&resourceVersion={_seen}");
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                // It may no longer know what came after that.
                _seen = "0";
                await Task.Delay(Pause, _stop.Token);
            }
        }
    }

    private async Task ReadOnceAsync(Cluster cluster, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(cluster.Url, path));
        using var answer = await cluster.SendAsync(request, _stop.Token);
        if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError or HttpStatusCode.ServiceUnavailable)
        {
            // A kind that was defined a moment ago is not served at once, nor is any by a server that starts.
            await Task.Delay(Pause, _stop.Token);
            return;
        }

        answer.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(_stop.Token));
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            var at = Stopwatch.GetTimestamp();
            if (line.StartsWith("""{"type":"ERROR",""", StringComparison.Ordinal))
            {
                // It has forgotten what came after what was seen last. What it shows then is no object of the kind.
                _seen = "0";
                return;
            }

            var change = JsonSerializer.Deserialize(line, WatchJson.Default.ObjectChange)!;
            var (metadata, status) = (change.Object.Metadata, change.Object.Status);
            _sightings.GetOrAdd(metadata.Name, _ => new()).Enqueue(new(at, metadata.Generation ?? 0, status?.Ready ?? false, status?.AppliedGeneration ?? 0, IsGone: change.Type == "DELETED"));
            _seen = metadata.ResourceVersion;
        }
    }
}

/// <summary>As much of an event as is looked at: the watch shares the machine with what is measured.</summary>
internal sealed record ObjectChange(string Type, ChangedObject Object);

internal sealed record ChangedObject(ChangedMetadata Metadata, ChangedStatus? Status);

internal sealed record ChangedMetadata(string Name, string ResourceVersion, long? Generation);

internal sealed record ChangedStatus(bool? Ready, long? AppliedGeneration);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ObjectChange))]
internal sealed partial class WatchJson : JsonSerializerContext;
