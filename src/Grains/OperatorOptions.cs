using InfraOperator.Grains.Planning;

namespace InfraOperator.Grains;

/// <summary>How the control plane works. Bound to the configuration section <see cref="Section"/>, validated at start.</summary>
public sealed class OperatorOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Operator";

    /// <summary>Names this Kubernetes cluster in owner tags and grain keys. Permanent; 1 to 32 of <c>a-z</c>, <c>0-9</c>, <c>-</c>.</summary>
    /// <value>There is no default: two clusters with the same id would take each other's repositories for their own.</value>
    public string ClusterId { get; set; } = "";

    /// <summary>An AWS endpoint instead of AWS's own, for every provider whose spec names none.</summary>
    /// <value>The default is none. The environment variable <c>AWS_ENDPOINT_URL</c> sets it.</value>
    public Uri? AwsEndpointUrl { get; set; }

    /// <summary>
    /// Whether AWS's FIPS endpoints are called, of ECR, STS and the tagging API. An endpoint that takes the place of AWS's own, by
    /// <see cref="AwsEndpointUrl"/> or a provider's <c>spec.endpoint</c>, is called as it is.
    /// </summary>
    /// <value>The default is false. The environment variable <c>AWS_USE_FIPS_ENDPOINT</c> sets it to true.</value>
    public bool UseFipsEndpoints { get; set; }

    /// <summary>
    /// Whether AWS's dual-stack endpoints are called, which have IPv6 addresses beside those of IPv4. An endpoint that takes the place of
    /// AWS's own is called as it is.
    /// </summary>
    /// <value>The default is false. The environment variable <c>AWS_USE_DUALSTACK_ENDPOINT</c> sets it to true.</value>
    public bool UseDualStackEndpoints { get; set; }

    /// <summary>Hosts that a provider's <c>spec.endpoint</c> may name without static keys. Elsewhere the operator's own identity is never shown.</summary>
    /// <value>The default is none.</value>
    public IList<string> AllowedEndpointHosts { get; } = [];

    /// <summary>
    /// Hosts that a provider's <c>spec.endpoint</c> may name, by glob, although they are on this machine, in the cluster or in one of
    /// <see cref="RefusedEndpointNetworks"/>. They are called with the provider's static keys only.
    /// </summary>
    /// <value>The default is none.</value>
    public IList<string> InternalEndpointHosts { get; } = [];

    /// <summary>
    /// Networks that no provider's <c>spec.endpoint</c> may lead to, as CIDRs, beside this machine's and link-local ones: those of pods and services, say.
    /// </summary>
    /// <value>The default is none.</value>
    public IList<string> RefusedEndpointNetworks { get; } = [];

    /// <summary>The projected token that a provider's <c>roleARN</c> is assumed with.</summary>
    /// <value>The default is none. The environment variable <c>AWS_WEB_IDENTITY_TOKEN_FILE</c> sets it.</value>
    public string? WebIdentityTokenFile { get; set; }

    /// <summary>
    /// Whether repositories bear the owner tag, unless their provider says otherwise. Without it two clusters, or two objects,
    /// cannot tell whose a repository is; what is ours is known from the object's status alone.
    /// </summary>
    /// <value>The default is true.</value>
    public bool OwnerTag { get; set; } = true;

    /// <summary>
    /// Owners of other clusters whose repositories may be taken, for disaster recovery: a cluster's id, or a glob of the owner
    /// tag's value such as <c>old-cluster/team-a/*</c>.
    /// </summary>
    /// <value>The default is none.</value>
    public IList<string> AcceptedOwners { get; } = [];

    /// <summary>How many repositories with images one provider deletes within <see cref="DeletionBrakePeriod"/> before the rest is held for a person to release.</summary>
    /// <value>The default is 100; 0 holds nothing.</value>
    public int DeletionBrakeLimit { get; set; } = 100;

    /// <summary>The time in which deletions count against <see cref="DeletionBrakeLimit"/>.</summary>
    /// <value>The default is ten minutes.</value>
    public TimeSpan DeletionBrakePeriod { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often all repositories' configuration and tags are compared with AWS, in sweeps of many at a time.</summary>
    /// <value>The default is five minutes, give or take a tenth.</value>
    public TimeSpan ComparePeriod { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How many calls a second one provider spends on comparing what AWS tells of one repository at a time only: its policies, its images, and
    /// its tags where <c>tag:GetResources</c> is not allowed. It decides how often each repository's are compared, never more often than every
    /// <see cref="ComparePeriod"/>.
    /// </summary>
    /// <value>The default is 0.5: with 1,000 repositories and one call each, every 33 minutes.</value>
    public double DeepCallsPerSecond { get; set; } = 0.5;

    /// <summary>How many repositories one call asks about at most.</summary>
    /// <value>The default is 100, which is the most that AWS takes; with 1 each is asked about by itself.</value>
    public int NamesPerCall { get; set; } = 100;

    /// <summary>How old a status's <c>lastSyncTime</c> grows before it alone is worth a write.</summary>
    /// <value>The default is one hour.</value>
    public TimeSpan HeartbeatPeriod { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How often a provider's Secrets are read again.</summary>
    /// <value>The default is five minutes, give or take a tenth.</value>
    public TimeSpan ProviderRefreshPeriod { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a provider's identity is proven again while nothing about it changed.</summary>
    /// <value>The default is one hour.</value>
    public TimeSpan ProviderAuthenticationPeriod { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long the first retry waits; each further one waits twice as long, up to <see cref="MaxRetryDelay"/>.</summary>
    /// <value>The default is one second.</value>
    public TimeSpan MinRetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a retry waits at most.</summary>
    /// <value>The default is five minutes.</value>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The namespaces whose objects are served.</summary>
    /// <value>The default is none, which means all.</value>
    public IList<string> Namespaces { get; } = [];

    /// <summary>Over what time objects move to a silo that has joined. Providers are spread evenly all the while, a few every twelfth of it, and for that long those that are busy are not moved.</summary>
    /// <value>The default is one minute.</value>
    public TimeSpan RebalancePeriod { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many calls to AWS one provider has under way at most.</summary>
    /// <value>The default is 64.</value>
    public int MaxCallsPerProvider { get; set; } = 64;

    /// <summary>
    /// How many calls to AWS one silo has under way, which its providers share alike. A few each of them may have beyond that, so that nobody waits
    /// for another's slow account.
    /// </summary>
    /// <value>The default is 256.</value>
    public int MaxCallsPerSilo { get; set; } = 256;

    /// <summary>
    /// How many calls a second an account, region and kind of operation is taken to stand as long as nothing is known of it. AWS publishes no
    /// such number; it is learnt from what AWS throttles.
    /// </summary>
    /// <value>The default is 20.</value>
    public double PaceInitialRate { get; set; } = 20;

    /// <summary>How many calls a second are made in an account, region and kind of operation however much AWS throttles.</summary>
    /// <value>The default is 0.5.</value>
    public double PaceMinRate { get; set; } = 0.5;

    /// <summary>How many calls a second are made in an account, region and kind of operation at most.</summary>
    /// <value>The default is 1000.</value>
    public double PaceMaxRate { get; set; } = 1000;

    /// <summary>
    /// How long the calls that are let in for a namespace wait for their turns at most, by the rate of the moment. What would wait longer is
    /// told to ask again later.
    /// </summary>
    /// <value>The default is five seconds.</value>
    public TimeSpan MaxPaceWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many announcements of one watch are under way to one silo at most.</summary>
    /// <value>The default is 256.</value>
    public int MaxAnnouncements { get; set; } = 256;

    /// <summary>
    /// The tenancy rules, of which the first that names a namespace bounds it. Where there are rules, nothing is done in AWS for a
    /// namespace that none names.
    /// </summary>
    /// <value>The default is none: any namespace may name any role that trusts the operator, which is warned of at start.</value>
    public IList<TenantOptions> Tenants { get; } = [];

    internal OwnershipRules Ownership(bool usesOwnerTag) => new() { UsesOwnerTag = usesOwnerTag, AcceptedOwners = AcceptedOwners.AsReadOnly() };
}
