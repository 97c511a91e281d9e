using System.Diagnostics.Metrics;
using Amazon;
using Amazon.ECR;
using Amazon.ResourceGroupsTaggingAPI;
using Amazon.Runtime;
using Amazon.SecurityToken;
using InfraOperator.Aws.Credentials;
using InfraOperator.Aws.Endpoints;
using InfraOperator.Aws.Pipeline;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Aws;

/// <summary>Makes clients. One per process: it owns the connections that all clients share.</summary>
public sealed class AwsClientFactory : IDisposable
{
    /// <summary>
    /// One retry inside a call hides a blip; more would only hide a throttle from the pace that has to learn of it.
    /// </summary>
    private const int Retries = 1;

    private readonly SharedHttpClient _http;
    private readonly SharedHttpClient _guarded;
    private readonly CredentialsSource _credentials;
    private readonly AwsMetrics _metrics;

    /// <summary>Creates the factory.</summary>
    /// <param name="timeProvider">Decides when credentials are renewed and when a call has taken too long.</param>
    /// <param name="loggers">For what happens outside any call, such as a failed renewal of credentials.</param>
    /// <param name="meters">Makes the meter that counts calls; null: one that belongs to no host.</param>
    /// <param name="guard">Says where guarded targets may be; null: anywhere but on this machine and in its network's own places.</param>
    public AwsClientFactory(TimeProvider timeProvider, ILoggerFactory loggers, IMeterFactory? meters = null, EndpointGuard? guard = null)
        : this(timeProvider, loggers, meters, guard, null)
    {
    }

    /// <summary>Lets a test see requests to AWS's own hosts, and answer them.</summary>
    internal AwsClientFactory(TimeProvider timeProvider, ILoggerFactory loggers, IMeterFactory? meters, EndpointGuard? guard, Func<HttpMessageHandler, HttpMessageHandler>? wrap)
    {
        _metrics = new AwsMetrics(meters, timeProvider);
        _http = new SharedHttpClient(timeProvider, null, wrap);
        _guarded = new SharedHttpClient(timeProvider, new GuardedConnection(guard ?? new EndpointGuard([])).OpenAsync, wrap);
        _credentials = new CredentialsSource(timeProvider, loggers.CreateLogger<AwsClientFactory>(), CreateSts);
    }

    /// <summary>Whether AWS's FIPS endpoints are called. What a target puts in the place of AWS's endpoints is called as it is.</summary>
    public bool UseFipsEndpoints { get; init; }

    /// <summary>Whether AWS's dual-stack endpoints are called. What a target puts in the place of AWS's endpoints is called as it is.</summary>
    public bool UseDualStackEndpoints { get; init; }

    /// <summary>Makes the clients of an identity. Calls nothing: a wrong identity shows at the first call.</summary>
    /// <param name="identity">Who calls.</param>
    /// <param name="target">Where.</param>
    /// <exception cref="ArgumentException">The region or the endpoint cannot be part of a URL.</exception>
    public AwsClients Create(AwsIdentity identity, AwsTarget target)
    {
        if (target.Region.Length == 0 || !target.Region.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            throw new ArgumentException($"\"{target.Region}\" is not the name of a region.", nameof(target));
        }

        if (target.Endpoint is { } endpoint && endpoint is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            throw new ArgumentException($"The endpoint \"{endpoint}\" is not an absolute http or https URL.", nameof(target));
        }

        var credentials = _credentials.Create(identity, target);
        var ecr = new ProviderEcrClient(credentials, Configure(new AmazonECRConfig(), target), _metrics);
        var tagging = new ProviderTaggingClient(credentials, Configure(new AmazonResourceGroupsTaggingAPIConfig(), target), _metrics);
        return new AwsClients(ecr, tagging, CreateSts(credentials, target));
    }

    /// <summary>Closes the shared connections. Calls under way fail.</summary>
    public void Dispose()
    {
        _http.Dispose();
        _guarded.Dispose();
    }

    private ProviderStsClient CreateSts(AWSCredentials credentials, AwsTarget target) =>
        new(credentials, Configure(new AmazonSecurityTokenServiceConfig(), target), _metrics);

    private TConfig Configure<TConfig>(TConfig config, AwsTarget target)
        where TConfig : ClientConfig
    {
        config.HttpClientFactory = target.IsGuarded ? _guarded : _http;
        config.RetryMode = RequestRetryMode.Standard;
        config.MaxErrorRetry = Retries;

        // The default of ten comes on top of the retries.
        config.MaxStaleConnectionRetries = 2;
        config.IgnoreConfiguredEndpointUrls = true;

        // Left unset, the SDK takes them from the environment, and refuses a call that they are set for beside an endpoint.
        config.UseFIPSEndpoint = UseFipsEndpoints && target.Endpoint is null;
        config.UseDualstackEndpoint = UseDualStackEndpoints && target.Endpoint is null;

        // Setting one of RegionEndpoint and ServiceURL clears the other, and with the latter alone nothing names the region to sign for.
        if (target.Endpoint is null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(target.Region);
        }
        else
        {
            config.ServiceURL = target.Endpoint.AbsoluteUri;
            config.AuthenticationRegion = target.Region;
        }

        return config;
    }
}
