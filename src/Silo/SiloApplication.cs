using InfraOperator.Grains;
using InfraOperator.Grains.Hosting;
using InfraOperator.Kubernetes;
using InfraOperator.Silo.Health;
using InfraOperator.Silo.Telemetry;
using k8s;
using k8s.Exceptions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace InfraOperator.Silo;

/// <summary>Wires one silo: configuration, the Kubernetes API, Orleans and the control plane.</summary>
public static partial class SiloApplication
{
    /// <summary>The setting of the port on which health and metrics are served. Default: 8080. 0: one that is free.</summary>
    public const string HttpPort = "Http:Port";

    private const int DefaultHttpPort = 8080;
    private static readonly TimeSpan DefinitionPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DefinitionPause = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Prepares a silo. Settings come from ordinary .NET configuration (appsettings.json, environment, command line); in addition
    /// <c>KUBECONFIG</c>, <c>AWS_ENDPOINT_URL</c>, <c>AWS_USE_FIPS_ENDPOINT</c>, <c>AWS_USE_DUALSTACK_ENDPOINT</c> and
    /// <c>AWS_WEB_IDENTITY_TOKEN_FILE</c> mean what they mean elsewhere.
    /// </summary>
    /// <param name="args">The command line.</param>
    /// <exception cref="SiloConfigurationException">A setting cannot be used; the message names it and the mend.</exception>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        Configure(builder);
        builder.Services.AddHealth();
        builder.Services.AddTelemetry();
        builder.Services.AddSingleton<IProcessMemory, ProcessMemory>();
        builder.Services.AddHostedService<IdleCollection>();
        var port = builder.Configuration.GetValue<int?>(HttpPort) ?? DefaultHttpPort;
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenAnyIP(port is >= 0 and <= ushort.MaxValue
            ? port
            : throw new SiloConfigurationException($"{HttpPort} is '{port}': it must be between 0 (one that is free) and 65535.")));
        return builder;
    }

    /// <summary>Serves health and metrics over HTTP.</summary>
    /// <param name="application">The silo, built and not started.</param>
    public static void Map(WebApplication application)
    {
        application.MapHealth();
        application.MapTelemetry();
        application.Lifetime.ApplicationStarted.Register(() => LogServing(application.Logger, string.Join(", ", application.Urls)));
    }

    /// <summary>Wires a silo on a builder whose configuration is complete.</summary>
    /// <param name="builder">The builder.</param>
    /// <exception cref="SiloConfigurationException">A setting cannot be used; the message names it and the mend.</exception>
    public static void Configure(IHostApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        builder.Services.Configure<OperatorOptions>(configuration.GetSection(OperatorOptions.Section));
        builder.Services.PostConfigure<OperatorOptions>(options =>
        {
            options.AwsEndpointUrl ??= configuration["AWS_ENDPOINT_URL"] is { Length: > 0 } url ? ParseUrl("AWS_ENDPOINT_URL", url) : null;
            options.UseFipsEndpoints |= IsTrue(configuration, "AWS_USE_FIPS_ENDPOINT");
            options.UseDualStackEndpoints |= IsTrue(configuration, "AWS_USE_DUALSTACK_ENDPOINT");
            options.WebIdentityTokenFile ??= configuration["AWS_WEB_IDENTITY_TOKEN_FILE"];
        });

        var settings = ReadSettings(configuration);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.ShutdownTimeout);
        var kubernetes = LoadKubernetes(configuration);
        builder.UseOrleans(silo => silo.JoinCluster(settings, kubernetes).ConfigureForControlPlane());
        builder.Services.AddControlPlane(kubernetes, settings.Name!);
        builder.Services.AddHostedService<StartupReport>();
        builder.Logging.AddSimpleConsole(console =>
        {
            // One line per record, so that a log can be read with grep.
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.UseUtcTimestamp = true;
        });
    }

    /// <summary>
    /// Refuses what can be known to go wrong, before anything starts. An API server that gives no answer is no reason to: its
    /// definitions are then asked for until it does, and nothing is done before.
    /// </summary>
    /// <param name="host">The silo, built and not started.</param>
    /// <param name="cancellationToken">Ends the checking.</param>
    /// <exception cref="OptionsValidationException">An option cannot be used; the message names it and the mend.</exception>
    /// <exception cref="SiloConfigurationException">The API server serves older definitions, or none; the message names them and the mend.</exception>
    public static async Task CheckAsync(IHost host, CancellationToken cancellationToken = default)
    {
        host.Services.GetRequiredService<IStartupValidator>().Validate();
        var definitions = host.Services.GetRequiredService<ServedDefinitions>();
        var time = host.Services.GetRequiredService<TimeProvider>();
        var started = time.GetTimestamp();
        try
        {
            // What the API server tells of a definition follows its change by some moments.
            while (await definitions.FindProblemAsync(cancellationToken) is { } problem)
            {
                if (time.GetElapsedTime(started) >= DefinitionPatience)
                {
                    throw new SiloConfigurationException(problem);
                }

                await Task.Delay(DefinitionPause, time, cancellationToken);
            }
        }
        catch (KubernetesApiException)
        {
            // Whoever starts the watches asks again, says that there is no answer, and waits for one.
            return;
        }
    }

    private static SiloSettings ReadSettings(IConfiguration configuration)
    {
        SiloSettings settings;
        try
        {
            settings = configuration.GetSection(SiloSettings.Section).Get<SiloSettings>() ?? new();
        }
        catch (InvalidOperationException exception)
        {
            throw new SiloConfigurationException($"A setting under '{SiloSettings.Section}' cannot be read: {exception.Message}", exception);
        }

        settings.Address ??= configuration["POD_IP"];
        settings.Name ??= configuration["POD_NAME"] is { Length: > 0 } pod ? pod : Environment.MachineName;
        settings.Namespace ??= configuration["POD_NAMESPACE"];
        settings.Validate();
        return settings;
    }

    private static KubernetesClientConfiguration LoadKubernetes(IConfiguration configuration)
    {
        var path = configuration["Kubernetes:Kubeconfig"] is { Length: > 0 } chosen ? chosen : configuration["KUBECONFIG"];
        try
        {
            return string.IsNullOrEmpty(path)
                ? KubernetesClientConfiguration.BuildDefaultConfig()
                : KubernetesClientConfiguration.BuildConfigFromConfigFile(path);
        }
        catch (Exception exception) when (exception is KubeConfigException or KubernetesException or IOException or YamlDotNet.Core.YamlException)
        {
            throw new SiloConfigurationException($"The Kubernetes configuration cannot be used: {exception.Message} Set KUBECONFIG, or Kubernetes:Kubeconfig, to a kubeconfig file, or run inside a cluster.", exception);
        }
    }

    private static bool IsTrue(IConfiguration configuration, string name) =>
        configuration[name] is { Length: > 0 } text && (bool.TryParse(text, out var value) ? value : throw new OptionsValidationException(name, typeof(OperatorOptions), [$"{name} is '{text}': it must be true or false."]));

    private static Uri ParseUrl(string name, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) ? url : throw new OptionsValidationException(name, typeof(OperatorOptions), [$"{name} is '{text}': it must be an absolute http or https URL."]);

    [LoggerMessage(Level = LogLevel.Information, Message = "Serving health on {Urls}")]
    private static partial void LogServing(ILogger logger, string urls);
}
