using System.Globalization;
using System.Net;
using InfraOperator.Conformance.ControlPlane;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Integration.Network;

/// <summary>The metadata service of an instance that has a role.</summary>
internal sealed class InstanceMetadata : IAsyncDisposable
{
    /// <summary>The key that the role signs with.</summary>
    public const string AccessKeyId = "AKIAINSTANCE";

    private readonly WebApplication _app;

    private InstanceMetadata(WebApplication app) => _app = app;

    /// <summary>Where it is.</summary>
    public string Url => _app.Urls.First();

    public static async Task<InstanceMetadata> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapPut("/latest/api/token", () => "token");
        app.MapGet("/latest/meta-data/iam/security-credentials/", () => "role");
        app.MapGet("/latest/meta-data/iam/security-credentials/role", () => Results.Json(new Dictionary<string, string>
        {
            ["Code"] = "Success",
            ["AccessKeyId"] = AccessKeyId,
            ["SecretAccessKey"] = PlantedSecrets.SecretAccessKey,
            ["Token"] = "session",
            ["LastUpdated"] = Text(DateTimeOffset.UtcNow),
            ["Expiration"] = Text(DateTimeOffset.UtcNow.AddHours(6)),
        }));
        await app.StartAsync();
        return new(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
