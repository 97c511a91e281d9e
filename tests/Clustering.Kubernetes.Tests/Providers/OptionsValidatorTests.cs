using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace InfraOperator.Clustering.Kubernetes.Tests.Providers;

/// <summary>What cannot work ends the start, with the option's name and what to do.</summary>
public class OptionsValidatorTests
{
    private const string LongestLabel = "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff123";

    [Theory]
    [InlineData("web")]
    [InlineData("web-1.example.com")]
    [InlineData("0")]
    public void A_cluster_id_that_can_name_an_object_is_accepted(string clusterId) => Validate(_ => { }, clusterId);

    [Theory]
    [InlineData("")]
    [InlineData("Web")]
    [InlineData("web_1")]
    [InlineData("-web")]
    [InlineData("web-")]
    [InlineData("web..one")]
    [InlineData("web/one")]
    [InlineData("web\n")]
    public void A_cluster_id_that_cannot_is_refused_with_both_ways_out(string clusterId)
    {
        var message = Refused(_ => { }, clusterId);

        Assert.Contains($"ClusterOptions.ClusterId \"{clusterId}\"", message);
        Assert.Contains("KubernetesClusteringOptions.Name", message);
    }

    [Fact]
    public void A_name_frees_the_cluster_id() => Validate(options => options.Name = "web", "Any Cluster Id");

    [Theory]
    [InlineData("253", true)]
    [InlineData("254", false)]
    public void A_name_has_at_most_253_characters(string length, bool valid)
    {
        var name = new string('a', int.Parse(length));
        if (valid)
        {
            Validate(options => options.Name = name);
        }
        else
        {
            Assert.Contains("KubernetesClusteringOptions.Name", Refused(options => options.Name = name));
        }
    }

    [Theory]
    [InlineData("Web")]
    [InlineData("web_1")]
    public void A_name_that_cannot_name_an_object_is_refused(string name) => Assert.Contains($"KubernetesClusteringOptions.Name \"{name}\"", Refused(options => options.Name = name));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("silos")]
    [InlineData(LongestLabel)]
    public void A_namespace_may_be_left_out(string? ns) => Validate(options => options.Namespace = ns);

    [Theory]
    [InlineData("Silos")]
    [InlineData("silos.example")]
    [InlineData("silos/x")]
    [InlineData(LongestLabel + "4")]
    public void A_namespace_that_cannot_be_one_is_refused(string ns) => Assert.Contains($"KubernetesClusteringOptions.Namespace \"{ns}\"", Refused(options => options.Namespace = ns));

    [Theory]
    [InlineData(1, true)]
    [InlineData(300, true)]
    [InlineData(301, false)]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    public void The_time_limit_is_bounded(int seconds, bool valid)
    {
        void Set(KubernetesClusteringOptions options) => options.RequestTimeout = TimeSpan.FromSeconds(seconds);
        if (valid)
        {
            Validate(Set);
        }
        else
        {
            Assert.Contains("KubernetesClusteringOptions.RequestTimeout", Refused(Set));
        }
    }

    [Fact]
    public void The_configuration_has_to_come_from_somewhere() => Assert.Contains("KubernetesClusteringOptions.CreateConfiguration", Refused(options => options.CreateConfiguration = null!));

    [Theory]
    [InlineData("", "Deployment", "web", "ApiVersion")]
    [InlineData("apps/v1", "", "web", "Kind")]
    [InlineData("apps/v1", "Deployment", " ", "Name")]
    public void An_owner_is_named_in_full(string apiVersion, string kind, string name, string missing) =>
        Assert.Contains($"KubernetesClusteringOptions.Owner.{missing} is not set", Refused(options => options.Owner = new() { ApiVersion = apiVersion, Kind = kind, Name = name }));

    [Fact]
    public void An_owner_in_full_is_accepted() => Validate(options => options.Owner = new() { ApiVersion = "apps/v1", Kind = "Deployment", Name = "web" });

    private static void Validate(Action<KubernetesClusteringOptions> configure, string clusterId = "web")
    {
        var options = new KubernetesClusteringOptions();
        configure(options);
        new KubernetesClusteringOptionsValidator(Options.Create(options), Options.Create(new ClusterOptions { ClusterId = clusterId })).ValidateConfiguration();
    }

    private static string Refused(Action<KubernetesClusteringOptions> configure, string clusterId = "web") =>
        Assert.Throws<OrleansConfigurationException>(() => Validate(configure, clusterId)).Message;
}
