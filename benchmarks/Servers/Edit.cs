using System.Diagnostics;
using System.Text.Json.Nodes;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>A change of an object's tags by its user. Times are <see cref="Stopwatch"/> timestamps.</summary>
/// <param name="Name">The object.</param>
/// <param name="Generation">Its generation since.</param>
/// <param name="Began">When the edit was sent.</param>
/// <param name="Accepted">When the API server had accepted it.</param>
internal sealed record Edit(string Name, long Generation, long Began, long Accepted)
{
    /// <summary>Gives the tag <c>edit</c> another value.</summary>
    /// <param name="cluster">Where.</param>
    /// <param name="repositories">The path of the objects.</param>
    /// <param name="name">Which one.</param>
    /// <param name="value">The value.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Edit> MakeAsync(Cluster cluster, string repositories, string name, string value, CancellationToken cancellationToken)
    {
        var patch = new JsonObject { ["spec"] = new JsonObject { ["tags"] = new JsonObject { ["edit"] = value } } }.ToJsonString();
        var began = Stopwatch.GetTimestamp();
        var patched = await cluster.PatchAsync($"{repositories}/{name}", "merge-patch+json", patch, cancellationToken);
        return new(name, (long)patched["metadata"]!["generation"]!, began, Stopwatch.GetTimestamp());
    }
}
