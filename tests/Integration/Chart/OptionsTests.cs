using System.Collections;
using InfraOperator.Grains;
using InfraOperator.Silo;
using Microsoft.Extensions.Configuration;

namespace InfraOperator.Integration.Chart;

/// <summary>What the values call an option is one, has the same default, and arrives.</summary>
public sealed class OptionsTests
{
    /// <summary>Options that the chart sets by other values than those under <c>operator</c>.</summary>
    private static readonly string[] SetElsewhere = [nameof(OperatorOptions.ClusterId), nameof(OperatorOptions.WebIdentityTokenFile), nameof(OperatorOptions.Namespaces)];

    private static readonly string[] Options = [.. typeof(OperatorOptions).GetProperties().Select(property => property.Name)];

    [Fact]
    public void Every_option_can_be_set_and_no_other() => Assert.Equal(
        Options.Except(SetElsewhere).Order(StringComparer.Ordinal),
        ChartFiles.Values["operator"]!.AsObject().Select(option => NameOf(option.Key)).Order(StringComparer.Ordinal));

    [Fact]
    public async Task The_defaults_are_the_programs_own()
    {
        var options = Bind(await Release.RenderAsync());

        Assert.Equal("suite", options.ClusterId);
        options.ClusterId = "";
        Assert.Equal(Texts(new OperatorOptions()), Texts(options));
    }

    [Fact]
    public async Task What_is_set_arrives()
    {
        var options = Bind(await Release.RenderAsync(Release.Values("""
            watchNamespaces: [team-a, team-b]
            operator:
              ownerTag: false
              acceptedOwners: [old-cluster, "other/team-a/*"]
              allowedEndpointHosts: [localhost]
              internalEndpointHosts: ["*.localstack"]
              refusedEndpointNetworks: [10.96.0.0/12, "fd00::/8"]
              awsEndpointUrl: http://localstack:4566
              useFipsEndpoints: true
              useDualStackEndpoints: true
              deletionBrakeLimit: 1000000
              deletionBrakePeriod: "00:00:20"
              comparePeriod: "1.00:00:00"
              deepCallsPerSecond: 0.25
              namesPerCall: 50
              heartbeatPeriod: "02:00:00"
              providerRefreshPeriod: "00:01:00"
              providerAuthenticationPeriod: "00:30:00"
              minRetryDelay: "00:00:00.5"
              maxRetryDelay: "00:10:00"
              rebalancePeriod: "00:02:00"
              maxCallsPerProvider: 8
              maxCallsPerSilo: 100
              paceInitialRate: 12.5
              paceMinRate: 0.25
              paceMaxRate: 50
              maxPaceWait: "00:00:10"
              maxAnnouncements: 64
              tenants:
                - name: team-a
                  namespaces: [team-a, "team-a-*"]
                  roleARNs: ["arn:aws:iam::123456789012:role/team-a-*", ambient]
                  accountIDs: ["123456789012"]
                  regions: [eu-central-1]
                  endpointHosts: ["*.example.com"]
                  repositoryNames: ["team-a/*"]
                  maxRepositories: 2000000
                - name: rest
                  namespaces: ["*"]
                  regions: []
            """)));

        var expected = new OperatorOptions
        {
            ClusterId = "suite",
            OwnerTag = false,
            AwsEndpointUrl = new("http://localstack:4566"),
            UseFipsEndpoints = true,
            UseDualStackEndpoints = true,
            DeletionBrakeLimit = 1_000_000,
            DeletionBrakePeriod = TimeSpan.FromSeconds(20),
            ComparePeriod = TimeSpan.FromDays(1),
            DeepCallsPerSecond = 0.25,
            NamesPerCall = 50,
            HeartbeatPeriod = TimeSpan.FromHours(2),
            ProviderRefreshPeriod = TimeSpan.FromMinutes(1),
            ProviderAuthenticationPeriod = TimeSpan.FromMinutes(30),
            MinRetryDelay = TimeSpan.FromMilliseconds(500),
            MaxRetryDelay = TimeSpan.FromMinutes(10),
            RebalancePeriod = TimeSpan.FromMinutes(2),
            MaxCallsPerProvider = 8,
            MaxCallsPerSilo = 100,
            PaceInitialRate = 12.5,
            PaceMinRate = 0.25,
            PaceMaxRate = 50,
            MaxPaceWait = TimeSpan.FromSeconds(10),
            MaxAnnouncements = 64,
        };
        expected.AcceptedOwners.Add("old-cluster");
        expected.AcceptedOwners.Add("other/team-a/*");
        expected.AllowedEndpointHosts.Add("localhost");
        expected.InternalEndpointHosts.Add("*.localstack");
        expected.RefusedEndpointNetworks.Add("10.96.0.0/12");
        expected.RefusedEndpointNetworks.Add("fd00::/8");
        expected.Namespaces.Add("team-a");
        expected.Namespaces.Add("team-b");
        expected.Tenants.Add(new()
        {
            Name = "team-a",
            Namespaces = { "team-a", "team-a-*" },
            RoleARNs = { "arn:aws:iam::123456789012:role/team-a-*", "ambient" },
            AccountIDs = { "123456789012" },
            Regions = { "eu-central-1" },
            EndpointHosts = { "*.example.com" },
            RepositoryNames = { "team-a/*" },
            MaxRepositories = 2_000_000,
        });
        expected.Tenants.Add(new() { Name = "rest", Namespaces = { "*" } });
        Assert.Equal(Texts(expected), Texts(options));
    }

    [Fact]
    public async Task The_silos_own_settings_arrive()
    {
        var release = await Release.RenderAsync(Release.Values("{ports: {silo: 12345, http: 9090}, shutdownTimeoutSeconds: 95}"));
        var settings = Configuration(release).GetSection(SiloSettings.Section).Get<SiloSettings>()!;

        Assert.Equal(
            (SiloClustering.Kubernetes, 12345, "infra-operator", "infra-operator-controller-manager", TimeSpan.FromSeconds(95)),
            (settings.Clustering, settings.Port, settings.OrleansClusterId, settings.DeploymentName, settings.ShutdownTimeout));
        Assert.Equal("9090", Configuration(release)[SiloApplication.HttpPort]);
        Assert.Empty(release.Variables.Keys
            .Where(name => name.StartsWith($"{SiloSettings.Section}__", StringComparison.Ordinal))
            .Select(name => name[(SiloSettings.Section.Length + 2)..])
            .Except(typeof(SiloSettings).GetProperties().Select(property => property.Name)));
    }

    /// <summary>The options as the silo reads them from the container's variables.</summary>
    internal static OperatorOptions Bind(Release release) => Configuration(release).GetSection(OperatorOptions.Section).Get<OperatorOptions>()!;

    private static IConfigurationRoot Configuration(Release release) => new ConfigurationBuilder()
        .AddInMemoryCollection(release.Variables.Select(variable => KeyValuePair.Create(variable.Key.Replace("__", ":", StringComparison.Ordinal), (string?)variable.Value)))
        .Build();

    private static string[] Texts(object options) => [.. options.GetType().GetProperties().Select(property => $"{property.Name}: {property.GetValue(options) switch
    {
        IEnumerable<TenantOptions> rules => string.Join("; ", rules.Select(rule => string.Join(", ", Texts(rule)))),
        IEnumerable and not string and var list => string.Join(", ", ((IEnumerable)list).Cast<object>()),
        var value => value,
    }}")];

    private static string NameOf(string value) => char.ToUpperInvariant(value[0]) + value[1..];
}
