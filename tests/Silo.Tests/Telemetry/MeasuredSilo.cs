using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.RegularExpressions;
using InfraOperator.Sandbox;
using InfraOperator.Sandbox.Ecr;
using InfraOperator.Sandbox.Kubernetes;
using InfraOperator.Silo.Tests.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(MeasuredSilo))]

namespace InfraOperator.Silo.Tests.Telemetry;

/// <summary>A silo as its process starts it, between servers in memory, and what it measures. Its tests are in one class, since meters are counted for the whole process.</summary>
public sealed partial class MeasuredSilo : IAsyncLifetime
{
    private readonly string _kubeconfig = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly MeterListener _listener = new();
    private readonly Dictionary<(string Kind, string Outcome), long> _reconciles = [];
    private readonly List<(Func<bool> Holds, TaskCompletionSource Met)> _awaited = [];
    private readonly HttpClient _http = new();
    private SandboxEcr _ecr = null!;
    private WebApplication _silo = null!;

    /// <summary>The API server.</summary>
    public SandboxApiServer Kubernetes { get; private set; } = null!;

    /// <summary>Every instrument of ours.</summary>
    public HashSet<Instrument> Instruments { get; } = [];

    public async ValueTask InitializeAsync()
    {
        Kubernetes = await SandboxApiServer.StartAsync(new() { Manifests = [.. SandboxResources.CustomResourceDefinitions] }, CancellationToken.None);
        _ecr = await SandboxEcr.StartAsync(new(), CancellationToken.None);
        await File.WriteAllTextAsync(_kubeconfig, Kubernetes.Kubeconfig);
        var builder = SiloApplication.CreateBuilder(
            ["--Kubernetes:Kubeconfig", _kubeconfig, "--Operator:ClusterId", "measured", "--Operator:AwsEndpointUrl", _ecr.Url.ToString(), "--Silo:Clustering", "Kubernetes", "--Silo:Address", "127.0.0.1", "--Silo:Namespace", "default", "--Silo:Port", "0", "--Http:Port", "0"]);
        builder.Logging.ClearProviders();
        _silo = builder.Build();
        SiloApplication.Map(_silo);
        Listen(_silo.Services.GetRequiredService<IMeterFactory>());
        await _silo.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _silo.StopAsync();
        await _silo.DisposeAsync();
        _listener.Dispose();
        _http.Dispose();
        await _ecr.DisposeAsync();
        await Kubernetes.DisposeAsync();
        File.Delete(_kubeconfig);
    }

    /// <summary>Waits until so many reconciles came to this.</summary>
    public Task ReconciledAsync(string kind, string outcome, long count) => WhenAsync(() => _reconciles.GetValueOrDefault((kind, outcome)) >= count);

    /// <summary>What Prometheus would read now: each sample's value by its name and labels, those of the scope left out.</summary>
    public async Task<Dictionary<string, double>> ScrapeAsync()
    {
        var text = await _http.GetStringAsync($"{_silo.Urls.Single().Replace("[::]", "127.0.0.1", StringComparison.Ordinal)}/metrics", TestContext.Current.CancellationToken);
        return Sample().Matches(text).ToDictionary(
            sample => Name(sample.Groups["name"].Value, sample.Groups["labels"].Value),
            sample => double.Parse(sample.Groups["value"].Value.Replace("+Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture));
    }

    /// <summary>Reads until it holds no object of a repository any more: that the watch tells of its end is no measurement.</summary>
    public async Task<Dictionary<string, double>> ScrapeUntilNoObjectAsync(string kind)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromMinutes(1));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var samples = await ScrapeAsync();
            if (samples.Where(sample => sample.Key.StartsWith("infra_operator_objects{", StringComparison.Ordinal) && sample.Key.Contains(kind, StringComparison.Ordinal)).All(sample => sample.Value == 0))
            {
                return samples;
            }

            await pause.WaitForNextTickAsync(deadline.Token);
        }
    }

    private static string Name(string name, string labels)
    {
        var own = Label().Matches(labels).Select(label => label.Value).Where(label => !label.StartsWith("otel_scope_", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        return $"{name}{{{string.Join(',', own)}}}";
    }

    private Task WhenAsync(Func<bool> holds)
    {
        lock (_reconciles)
        {
            var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (holds())
            {
                met.SetResult();
            }
            else
            {
                _awaited.Add((holds, met));
            }

            return met.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        }
    }

    private void Listen(IMeterFactory host)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == host && instrument.Meter.Name.StartsWith("InfraOperator", StringComparison.Ordinal))
            {
                Instruments.Add(instrument);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (instrument.Name != "infra_operator.reconciles")
            {
                return;
            }

            lock (_reconciles)
            {
                var key = ((string)tags[0].Value!, (string)tags[1].Value!);
                _reconciles[key] = _reconciles.GetValueOrDefault(key) + value;
                foreach (var (_, met) in _awaited.Where(awaited => awaited.Holds()))
                {
                    met.TrySetResult();
                }
            }
        });
        _listener.Start();
    }

    [GeneratedRegex(@"(?m)^(?<name>[a-zA-Z_:]\w*)(\{(?<labels>.*)\})? (?<value>\S+)")]
    private static partial Regex Sample();

    [GeneratedRegex("\\w+=\"[^\"]*\"")]
    private static partial Regex Label();
}
