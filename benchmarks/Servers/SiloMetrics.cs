using System.Globalization;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>What a silo says of itself to Prometheus.</summary>
internal static class SiloMetrics
{
    private static readonly HttpClient Http = new();

    /// <summary>The sum of a metric's series; 0 where there is none.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="name">The metric.</param>
    /// <param name="label">A label that the series has to have, such as <c>grain_type="repository"</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<double> SumAsync(SiloProcess silo, string name, string label, CancellationToken cancellationToken)
    {
        var metrics = await Http.GetStringAsync(new Uri(silo.Url, "metrics"), cancellationToken);
        return metrics.Split('\n')
            .Where(line => (line.StartsWith($"{name}{{", StringComparison.Ordinal) || line.StartsWith($"{name} ", StringComparison.Ordinal)) && line.Contains(label, StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.IndexOf('}', StringComparison.Ordinal) is >= 0 and var end ? end + 1 : name.Length)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture));
    }

    /// <inheritdoc cref="SumAsync(SiloProcess, string, string, CancellationToken)"/>
    public static Task<double> SumAsync(SiloProcess silo, string name, CancellationToken cancellationToken) => SumAsync(silo, name, "", cancellationToken);
}
