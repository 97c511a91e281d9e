using k8s;
using Orleans.Configuration;

namespace InfraOperator.Clustering.Kubernetes;

/// <summary>Where the membership of an Orleans cluster is kept on the Kubernetes API, and how to reach it.</summary>
public sealed class KubernetesClusteringOptions
{
    /// <summary>The namespace of the OrleansCluster object.</summary>
    /// <value>
    /// A DNS-1123 label. Not set: the environment variable <c>POD_NAMESPACE</c>, else the namespace of the pod's service account,
    /// else that of the kubeconfig's current context, else <c>default</c>.
    /// </value>
    public string? Namespace { get; set; }

    /// <summary>The name of the OrleansCluster object. All silos and clients of a cluster must agree on it.</summary>
    /// <value>A DNS-1123 subdomain. Not set: <see cref="ClusterOptions.ClusterId"/>, which must then be one.</value>
    public string? Name { get; set; }

    /// <summary>What owns the OrleansCluster object, so that Kubernetes deletes it together with its owner.</summary>
    /// <value>Not set: nothing does, and the object stays when the silos are uninstalled.</value>
    public ClusterOwner? Owner { get; set; }

    /// <summary>How long to wait for the API server's answer to one request. Nothing is tried twice: Orleans does that.</summary>
    /// <value>10 seconds; more than zero, at most five minutes.</value>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Where the API server is and how to authenticate. Called once, at the first request.</summary>
    /// <value><see cref="KubernetesClientConfiguration.BuildDefaultConfig"/>: <c>KUBECONFIG</c>, the user's kubeconfig, or the pod's service account.</value>
    public Func<KubernetesClientConfiguration> CreateConfiguration { get; set; } = KubernetesClientConfiguration.BuildDefaultConfig;
}
