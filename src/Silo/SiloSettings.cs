using System.Net;

namespace InfraOperator.Silo;

/// <summary>How silos find each other.</summary>
public enum SiloClustering
{
    /// <summary>There is one silo, on this machine.</summary>
    Localhost,

    /// <summary>Silos find each other in an object of the Kubernetes API.</summary>
    Kubernetes,
}

/// <summary>What makes this process one of a cluster of silos. In a pod the downward API gives address, name and namespace.</summary>
public sealed class SiloSettings
{
    /// <summary>The configuration section that holds the settings.</summary>
    public const string Section = "Silo";

    /// <summary>How silos find each other.</summary>
    /// <value>The default is one silo on this machine. The chart sets <see cref="SiloClustering.Kubernetes"/>.</value>
    public SiloClustering Clustering { get; set; }

    /// <summary>The port on which silos talk to each other; 0: one that is free.</summary>
    /// <value>The default is 11111.</value>
    public int Port { get; set; } = 11111;

    /// <summary>The address under which other silos reach this one.</summary>
    /// <value>The default is the environment variable <c>POD_IP</c>.</value>
    public string? Address { get; set; }

    /// <summary>Whether to listen on every address of the machine, and not on <see cref="Address"/> alone.</summary>
    /// <value>The default is true, as a pod has but one.</value>
    public bool ListensOnAnyAddress { get; set; } = true;

    /// <summary>This silo's name, in logs and in the membership.</summary>
    /// <value>The default is the environment variable <c>POD_NAME</c>, then the machine's name.</value>
    public string? Name { get; set; }

    /// <summary>The namespace of the object in which silos find each other.</summary>
    /// <value>The default is the environment variable <c>POD_NAMESPACE</c>.</value>
    public string? Namespace { get; set; }

    /// <summary>The name of the object in which silos find each other. Silos of another name are another cluster.</summary>
    /// <value>The default is <c>infra-operator</c>.</value>
    public string OrleansClusterId { get; set; } = "infra-operator";

    /// <summary>The Deployment that the object belongs to, so that it goes when the Deployment does.</summary>
    /// <value>The default is none.</value>
    public string? DeploymentName { get; set; }

    /// <summary>How long the end of the process may take after SIGTERM: work under way is finished, and objects move to other silos.</summary>
    /// <value>The default is 30 seconds. The pod's grace period must be longer.</value>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Checks what can be known to go wrong.</summary>
    /// <exception cref="SiloConfigurationException">A setting cannot be used; the message names it and the mend.</exception>
    internal void Validate()
    {
        Require(Port is >= 0 and <= ushort.MaxValue, nameof(Port), Port, "it must be between 0 (one that is free) and 65535");
        Require(ShutdownTimeout >= TimeSpan.FromSeconds(1), nameof(ShutdownTimeout), ShutdownTimeout, "it must be at least a second");
        Require(Enum.IsDefined(Clustering), nameof(Clustering), Clustering, $"it must be one of {string.Join(", ", Enum.GetNames<SiloClustering>())}");
        if (Clustering == SiloClustering.Kubernetes)
        {
            Require(IPAddress.TryParse(Address, out _), nameof(Address), Address, "it must be the IP address under which other silos reach this one; in a pod, give POD_IP by the downward API (fieldPath: status.podIP)");
            Require(!string.IsNullOrEmpty(Namespace), nameof(Namespace), Namespace, "it must be the namespace of this release; in a pod, give POD_NAMESPACE by the downward API (fieldPath: metadata.namespace)");
        }
    }

    private static void Require(bool holds, string setting, object? value, string mend)
    {
        if (!holds)
        {
            throw new SiloConfigurationException($"{Section}:{setting} is '{value}': {mend}.");
        }
    }
}
