using System.Net;
using InfraOperator.Grains;
using InfraOperator.Grains.Hosting;
using InfraOperator.Kubernetes;
using k8s;
using k8s.Exceptions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace InfraOperator.Silo;

/// <summary>Wires one silo: configuration, the Kubernetes API, Orleans and the control plane.</summary>
public static class SiloApplication
{
    /// <summary>The port on which silos talk to each other, unless <c>Silo:Port</c> says another. 0: one that is free.</summary>
    public const int DefaultPort = 11111;

    private static readonly TimeSpan DefinitionPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DefinitionPause = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Prepares a silo. Settings come from ordinary .NET configuration (appsettings.json, environment, command line); in addition
    /// <c>KUBECONFIG</c>, <c>AWS_ENDPOINT_URL</c> and <c>AWS_WEB_IDENTITY_TOKEN_FILE</c> mean what they mean elsewhere.
    /// </summary>
    /// <param name="args">The command line.</param>
    /// <exception cref="SiloConfigurationException">A setting cannot be used; the message names it and the mend.</exception>
    public static HostApplicationBuilder CreateBuilder(string[] args) =>
        Configure(Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory }));

    /// <summary>Wires a silo on a builder whose configuration is complete.</summary>
    /// <param name="builder">The builder.</param>
    /// <exception cref="SiloConfigurationException">A setting cannot be used; the message names it and the mend.</exception>
    public static HostApplicationBuilder Configure(HostApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        builder.Services.Configure<OperatorOptions>(configuration.GetSection(OperatorOptions.Section));
        builder.Services.PostConfigure<OperatorOptions>(options =>
        {
            options.AwsEndpointUrl ??= configuration["AWS_ENDPOINT_URL"] is { Length: > 0 } url ? ParseUrl("AWS_ENDPOINT_URL", url) : null;
            options.WebIdentityTokenFile ??= configuration["AWS_WEB_IDENTITY_TOKEN_FILE"];
        });

        var port = configuration.GetValue<int?>("Silo:Port") ?? DefaultPort;
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort: port == 0 ? FreePort() : port, gatewayPort: 0, serviceId: "infra-operator", clusterId: "infra-operator");
            silo.Configure<SiloMessagingOptions>(options => options.CancelRequestOnTimeout = true);
            silo.AddActivityPropagation();
        });
        builder.Services.AddControlPlane(LoadKubernetes(configuration), Environment.MachineName);
        builder.Services.AddHostedService<StartupReport>();
        builder.Logging.AddSimpleConsole(console =>
        {
            // One line per record, so that a log can be read with grep.
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.UseUtcTimestamp = true;
        });
        return builder;
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

    private static Uri ParseUrl(string name, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) ? url : throw new OptionsValidationException(name, typeof(OperatorOptions), [$"{name} is '{text}': it must be an absolute http or https URL."]);

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
