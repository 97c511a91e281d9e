using System.Globalization;
using System.Text.RegularExpressions;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>Requests that two servers have served.</summary>
/// <param name="Kubernetes">By verb and resource, such as <c>patch ecrrepositories/status</c>.</param>
/// <param name="Aws">By operation.</param>
internal sealed record ServedCalls(IReadOnlyDictionary<string, long> Kubernetes, IReadOnlyDictionary<string, long> Aws)
{
    /// <summary>Those of the requests to the API server that write repositories or events.</summary>
    public IReadOnlyDictionary<string, long> Repositories => Kubernetes
        .Where(request => (request.Key.Contains(" ecrrepositories", StringComparison.Ordinal) || IsEvent(request.Key)) && !request.Key.StartsWith("get ", StringComparison.Ordinal) && !request.Key.StartsWith("list ", StringComparison.Ordinal))
        .ToDictionary();

    /// <summary>What was served since an earlier count; only what was.</summary>
    public ServedCalls Since(ServedCalls earlier) => new(Since(Kubernetes, earlier.Kubernetes), Since(Aws, earlier.Aws));

    /// <summary>Whether a request writes an event.</summary>
    public static bool IsEvent(string request) => request.EndsWith(" events", StringComparison.Ordinal);

    private static Dictionary<string, long> Since(IReadOnlyDictionary<string, long> now, IReadOnlyDictionary<string, long> earlier) => now
        .Select(request => (request.Key, Value: request.Value - earlier.GetValueOrDefault(request.Key)))
        .Where(request => request.Value > 0)
        .OrderBy(request => request.Key, StringComparer.Ordinal)
        .ToDictionary(request => request.Key, request => request.Value);
}

/// <summary>
/// How many requests the API server has served, by its own metrics: unlike a proxy, they cost no call anything. Whoever counts so
/// knows what else speaks to the server. Watches are not counted.
/// </summary>
/// <param name="Requests">By verb and resource, such as <c>patch ecrrepositories/status</c>.</param>
internal sealed partial record ApiServerCounts(IReadOnlyDictionary<string, long> Requests)
{
    /// <summary>Reads them.</summary>
    public static async Task<ApiServerCounts> ReadAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        var requests = new Dictionary<string, long>();
        foreach (var line in (await cluster.GetTextAsync("/metrics", cancellationToken)).Split('\n').Where(line => line.StartsWith("apiserver_request_total{", StringComparison.Ordinal)))
        {
            var labels = Label().Matches(line).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["value"].Value);
            var verb = labels["verb"] == "POST" ? "create" : labels["verb"].ToLowerInvariant();
            var request = labels["subresource"] is { Length: > 0 } subresource ? $"{verb} {labels["resource"]}/{subresource}" : $"{verb} {labels["resource"]}";
            if (verb != "watch")
            {
                requests[request] = requests.GetValueOrDefault(request) + (long)double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
            }
        }

        return new(requests);
    }

    [GeneratedRegex("(?<name>\\w+)=\"(?<value>[^\"]*)\"")]
    private static partial Regex Label();
}
