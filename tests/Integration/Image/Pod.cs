using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using InfraOperator.Integration.Chart;
using k8s;

namespace InfraOperator.Integration.Image;

/// <summary>
/// Runs the image's command as a kubelet does for the chart's pod: with the variables of image and Deployment and no others, as the
/// image's user without any capability, over file systems that are read-only to the last, with the tokens where they are mounted.
/// It takes root, as a kubelet does.
/// </summary>
internal static class Pod
{
    /// <summary>Where EKS Pod Identity mounts its token.</summary>
    public const string PodIdentityToken = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token";

    // Its own mounts: the secrets on a file system in memory, and then nothing that can be written to. It becomes the silo.
    private const string Script = """
        mount --make-rprivate /
        mount -t tmpfs -o mode=755 tmpfs /run
        while IFS=$'\t' read -r path text; do
          install -D -m 600 -o "$user" -g "$group" /dev/null "$path"
          base64 -d <<< "$text" > "$path"
        done <<< "$secrets"
        mount -o remount,bind,ro /run
        if mountpoint -q /tmp; then mount -o remount,bind,ro /tmp; fi
        mount -o remount,bind,ro /
        cd "$folder"
        if touch "$folder/probe" /tmp/probe 2> /dev/null; then echo "The file system can be written to."; exit 1; fi
        exec setpriv --reuid="$user" --regid="$group" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all "$@"
        """;

    /// <param name="image">The image.</param>
    /// <param name="release">The release whose Deployment says what is set.</param>
    /// <param name="more">More variables, as another webhook or agent of the cluster sets them.</param>
    public static SiloRun Start(PublishedImage image, Release release, IReadOnlyDictionary<string, string> more)
    {
        var cluster = KubernetesClientConfiguration.BuildConfigFromConfigFile(IntegrationEnvironment.Kubeconfig);
        var server = new Uri(cluster.Host);
        var secrets = new Dictionary<string, string>
        {
            ["/var/run/secrets/kubernetes.io/serviceaccount/token"] = cluster.AccessToken,
            ["/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"] = string.Concat(cluster.SslCaCerts.Select(certificate => certificate.ExportCertificatePem() + "\n")),
            ["/var/run/secrets/kubernetes.io/serviceaccount/namespace"] = Release.DefaultNamespace,
            [release.Variables["AWS_WEB_IDENTITY_TOKEN_FILE"]] = "a.b.c",
            [PodIdentityToken] = PodIdentityAgent.Token,
        };
        var user = Dockerfile.Final.Only("USER").Arguments.Split(':');
        var assignments = new Dictionary<string, string>
        {
            ["user"] = user[0],
            ["group"] = user[1],
            ["folder"] = image.App,
            ["secrets"] = string.Join('\n', secrets.Select(secret => $"{secret.Key}\t{Convert.ToBase64String(Encoding.UTF8.GetBytes(secret.Value))}")),
        };

        // They are the script's, not the silo's.
        var script = string.Join('\n', assignments.Select(assignment => $"{assignment.Key}='{assignment.Value}'")) + "\n" + Script;
        var start = new ProcessStartInfo("unshare", ["--mount", "bash", "-euo", "pipefail", "-c", script, "pod", .. Dockerfile.Final.Only("ENTRYPOINT").List]) { WorkingDirectory = "/" };
        start.Environment.Clear();
        foreach (var (name, value) in Variables(release, server).Concat(more))
        {
            start.Environment[name] = value;
        }

        return new(start);
    }

    /// <summary>A port that nobody listens on: pods have addresses of their own, and processes of one machine have not.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static IEnumerable<KeyValuePair<string, string>> Variables(Release release, Uri server) =>
    [
        // The base image's.
        new("PATH", Environment.GetEnvironmentVariable("PATH")!),
        new("ASPNETCORE_HTTP_PORTS", "8080"),
        new("DOTNET_RUNNING_IN_CONTAINER", "true"),
        .. Dockerfile.Final.Pairs("ENV"),

        // The container runtime's and the kubelet's.
        new("HOME", "/"),
        new("KUBERNETES_SERVICE_HOST", server.Host),
        new("KUBERNETES_SERVICE_PORT", $"{server.Port}"),
        .. release.Variables.Select(variable => KeyValuePair.Create(variable.Key, variable.Value switch
        {
            "metadata.name" => "infra-operator-controller-manager-0",
            "metadata.namespace" => Release.DefaultNamespace,
            "status.podIP" => "127.0.0.1",
            var value => value,
        })),
    ];
}
