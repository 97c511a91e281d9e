using System.Globalization;
using System.Text.Json.Nodes;
using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Conformance.Sts;
using Microsoft.AspNetCore.Http;

namespace InfraOperator.Integration.Image;

/// <summary>Gives keys that a mock of AWS takes to whoever shows the pod's token, as the agent of EKS Pod Identity on a node does.</summary>
internal sealed class PodIdentityAgent : IAsyncDisposable
{
    /// <summary>What it wants to see.</summary>
    public const string Token = "pod.identity.token";

    private readonly LoopbackServer _server;

    private PodIdentityAgent(LoopbackServer server) => _server = server;

    /// <summary>Where credentials are asked for.</summary>
    public string Url => new Uri(_server.Url, "/v1/credentials").AbsoluteUri;

    public static async Task<PodIdentityAgent> StartAsync() => new(await LoopbackServer.StartAsync(ServeAsync));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static Task ServeAsync(HttpContext http)
    {
        if (http.Request.Headers.Authorization != Token)
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        }

        return http.Response.WriteAsync(
            new JsonObject
            {
                ["AccessKeyId"] = "AKIAPODIDENTITY",
                ["SecretAccessKey"] = PlantedSecrets.SecretAccessKey,
                ["Token"] = PlantedSecrets.SessionToken,
                ["Expiration"] = DateTimeOffset.UtcNow.AddHours(6).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            }.ToJsonString(),
            http.RequestAborted);
    }
}
