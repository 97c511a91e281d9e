using System.Net;

namespace InfraOperator.Silo;

/// <summary>
/// The proxy of <c>HTTPS_PROXY</c> and <c>HTTP_PROXY</c>, its address without the user and password that may stand in it. The runtime
/// quotes the whole address when a proxy refuses, which would end in logs and in tenants' conditions.
/// </summary>
internal sealed class NamelessProxy(IWebProxy proxy) : IWebProxy
{
    /// <inheritdoc/>
    public ICredentials? Credentials
    {
        get => proxy.Credentials;
        set => proxy.Credentials = value;
    }

    /// <summary>Has every HTTP client of the process use it that is made from now on.</summary>
    public static void Install() => HttpClient.DefaultProxy = new NamelessProxy(HttpClient.DefaultProxy);

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) =>
        proxy.GetProxy(destination) is { UserInfo.Length: > 0 } named ? new UriBuilder(named) { UserName = "", Password = "" }.Uri : proxy.GetProxy(destination);

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => proxy.IsBypassed(host);
}
