using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace InfraOperator.Clustering.Kubernetes;

/// <summary>Ends the start of a silo or client whose <see cref="KubernetesClusteringOptions"/> cannot work.</summary>
/// <param name="options">The options to validate.</param>
/// <param name="clusterOptions">The cluster id, which names the object unless the options do.</param>
public sealed partial class KubernetesClusteringOptionsValidator(IOptions<KubernetesClusteringOptions> options, IOptions<ClusterOptions> clusterOptions) : IConfigurationValidator
{
    private const string Options = nameof(KubernetesClusteringOptions);
    private const string NameRule = "lower-case letters, digits, '-' and '.', beginning and ending with a letter or digit, at most 253 characters";
    private const string LabelRule = "lower-case letters, digits and '-', beginning and ending with a letter or digit, at most 63 characters";
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    /// <exception cref="OrleansConfigurationException">An option is out of bounds; the message names it and the mend.</exception>
    public void ValidateConfiguration()
    {
        var value = options.Value;
        var clusterId = clusterOptions.Value.ClusterId;
        if (string.IsNullOrEmpty(value.Name) && !IsName(clusterId))
        {
            throw new OrleansConfigurationException(
                $"{nameof(ClusterOptions)}.{nameof(ClusterOptions.ClusterId)} \"{clusterId}\" cannot name a Kubernetes object ({NameRule}): "
                + $"choose another cluster id, or set {Options}.{nameof(KubernetesClusteringOptions.Name)} to the name of the OrleansCluster object.");
        }

        if (!string.IsNullOrEmpty(value.Name) && !IsName(value.Name))
        {
            throw new OrleansConfigurationException(
                $"{Options}.{nameof(KubernetesClusteringOptions.Name)} \"{value.Name}\" cannot name a Kubernetes object ({NameRule}): choose another name, or leave it out to use the cluster id.");
        }

        if (!string.IsNullOrEmpty(value.Namespace) && !IsLabel(value.Namespace))
        {
            throw new OrleansConfigurationException(
                $"{Options}.{nameof(KubernetesClusteringOptions.Namespace)} \"{value.Namespace}\" cannot name a namespace ({LabelRule}): correct it, or leave it out to use the pod's own.");
        }

        if (value.RequestTimeout <= TimeSpan.Zero || value.RequestTimeout > LongestTimeout)
        {
            throw new OrleansConfigurationException(
                $"{Options}.{nameof(KubernetesClusteringOptions.RequestTimeout)} is {value.RequestTimeout}: set it to more than zero and at most {LongestTimeout}.");
        }

        if (value.CreateConfiguration is null)
        {
            throw new OrleansConfigurationException(
                $"{Options}.{nameof(KubernetesClusteringOptions.CreateConfiguration)} is null: leave it out to use the kubeconfig or the pod's service account.");
        }

        if (value.Owner is { } owner)
        {
            Require(owner.ApiVersion, nameof(ClusterOwner.ApiVersion), "apps/v1");
            Require(owner.Kind, nameof(ClusterOwner.Kind), "Deployment");
            Require(owner.Name, nameof(ClusterOwner.Name), "my-silos");
        }
    }

    private static void Require(string? value, string option, string example)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            throw new OrleansConfigurationException(
                $"{Options}.{nameof(KubernetesClusteringOptions.Owner)}.{option} is not set: set it, such as \"{example}\", or leave out {Options}.{nameof(KubernetesClusteringOptions.Owner)}.");
        }
    }

    private static bool IsName(string? text) => text is { Length: > 0 and <= 253 } && Name().IsMatch(text);

    private static bool IsLabel(string text) => text.Length <= 63 && Label().IsMatch(text);

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]*[a-z0-9])?\z")]
    private static partial Regex Label();
}
