using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace InfraOperator.Conformance.Ecr;

/// <summary>Pushes an image; the product itself never does, so its client has no operation for it.</summary>
public static class EcrPush
{
    public static async Task ImageAsync(Uri endpoint, string repository, string tag, CancellationToken cancellationToken)
    {
        // An image of its own for each tag: moto tells images apart by their configuration.
        var config = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tag)));
        var manifest = $$$"""{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":7023,"digest":"sha256:{{{config}}}"},"layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":32654,"digest":"sha256:e692418e4cbaf90ca69d05a66403747baa33ee08806650b51fab815ad7fc331f"}],"annotations":{"tag":"{{{tag}}}"}}""";
        var body = JsonSerializer.Serialize(new { repositoryName = repository, imageTag = tag, imageManifest = manifest });
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new StringContent(body, Encoding.UTF8) };
        request.Content.Headers.ContentType = new("application/x-amz-json-1.1");
        request.Headers.Add("X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.PutImage");
        request.Headers.TryAddWithoutValidation("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/ecr/aws4_request, SignedHeaders=host, Signature=00");
        using var response = await http.SendAsync(request, cancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }
}
