using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>One version of an ECRRepository as a user's watch shows it.</summary>
/// <param name="At">When it was seen, as a <see cref="Stopwatch"/> timestamp.</param>
/// <param name="IsReady">Whether the status says Ready.</param>
/// <param name="AppliedGeneration">The generation that the status calls applied.</param>
/// <param name="IsGone">Whether the object is gone.</param>
internal sealed record Sighting(long At, bool IsReady, long AppliedGeneration, bool IsGone);

/// <summary>Watches objects as a user would, and remembers when each thing became visible.</summary>
internal sealed class ObjectWatch : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Sighting>> _sightings = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;

    public ObjectWatch(Cluster cluster, string path) => _reading = ReadAsync(cluster, $"{path}?watch=true&timeoutSeconds=86400");

    /// <summary>When an object was first seen in some state; null if it was not yet.</summary>
    public long? First(string name, Func<Sighting, bool> state) => _sightings.GetValueOrDefault(name)?.FirstOrDefault(state)?.At;

    /// <summary>Waits until each of some objects was seen in a state.</summary>
    public Task UntilAsync(IReadOnlyCollection<string> names, Func<Sighting, bool> state, string what, CancellationToken cancellationToken) => Until.TrueAsync(
        () => _reading.IsCompleted ? throw new BenchmarkException($"The watch ended: {_reading.Exception?.InnerException?.Message}") : names.All(name => First(name, state) is not null),
        $"{names.Count} objects to be {what}",
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task ReadAsync(Cluster cluster, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(cluster.Url, path));
        using var answer = await cluster.SendAsync(request, _stop.Token);
        answer.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(_stop.Token));
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            var (at, change) = (Stopwatch.GetTimestamp(), JsonNode.Parse(line)!);
            var (resource, isGone) = (change["object"]!, (string?)change["type"] == "DELETED");
            _sightings.GetOrAdd((string)resource["metadata"]!["name"]!, _ => new()).Enqueue(
                new(at, (bool?)resource["status"]?["ready"] ?? false, (long?)resource["status"]?["appliedGeneration"] ?? 0, isGone));
        }
    }
}
