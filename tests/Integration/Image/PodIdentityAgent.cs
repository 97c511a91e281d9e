using System.Globalization;
using System.Net;
using InfraOperator.Conformance.ControlPlane;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Integration.Image;

/// <summary>Gives credentials to whoever shows the pod's token, as the agent of EKS Pod Identity on a node does.</summary>
internal sealed class PodIdentityAgent : IAsyncDisposable
{
    /// <summary>What it wants to see.</summary>
    public const string Token = "pod.identity.token";

    private readonly WebApplication _app;

    private PodIdentityAgent(WebApplication app) => _app = app;

    /// <summary>Where credentials are asked for.</summary>
    public string Url => $"{_app.Urls.First()}/v1/credentials";

    public static async Task<PodIdentityAgent> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/v1/credentials", (HttpRequest request) => request.Headers.Authorization == Token
            ? Results.Json(new Dictionary<string, string>
            {
                ["AccessKeyId"] = "AKIAPODIDENTITY",
                ["SecretAccessKey"] = PlantedSecrets.SecretAccessKey,
                ["Token"] = "session",
                ["Expiration"] = DateTimeOffset.UtcNow.AddHours(6).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            })
            : Results.Unauthorized());
        await app.StartAsync();
        return new(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
