using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace InfraOperator.Conformance.Network;

/// <summary>A CA that no system trusts by itself. Its certificate is in a folder of its own.</summary>
public sealed class PrivateAuthority : IDisposable
{
    private readonly X509Certificate2 _root;

    public PrivateAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=A private CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        _root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(2));
        File.WriteAllText(Certificate, _root.ExportCertificatePem());
    }

    /// <summary>The folder of the certificate.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("private-ca-").FullName;

    /// <summary>The file of the certificate.</summary>
    public string Certificate => Path.Combine(Folder, "ca.crt");

    /// <summary>Makes the certificate of a server.</summary>
    /// <param name="host">The name of the server.</param>
    public X509Certificate2 Issue(string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=A server", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_root, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }

    public void Dispose()
    {
        _root.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
