using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace InfraOperator.Grains.Hosting;

/// <summary>Fails the start with every option that cannot be used, and how to mend it.</summary>
internal sealed partial class OperatorOptionsValidator : IValidateOptions<OperatorOptions>
{
    // A timer counts milliseconds in 32 bits.
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromDays(40);

    private static readonly TimeSpan LongestPaceWait = TimeSpan.FromSeconds(30);

    public ValidateOptionsResult Validate(string? name, OperatorOptions options)
    {
        var failures = new List<string>();
        if (options.ClusterId.Length == 0)
        {
            failures.Add($"{Path(nameof(OperatorOptions.ClusterId))} is required: it names this cluster in the owner tags of AWS repositories, for ever. Choose one of a-z, 0-9 and -, such as prod-eu-1.");
        }
        else if (!ClusterIdPattern().IsMatch(options.ClusterId))
        {
            failures.Add($"{Path(nameof(OperatorOptions.ClusterId))} is '{options.ClusterId}': it must be 1 to 32 characters of a-z, 0-9 and -.");
        }

        if (options.AwsEndpointUrl is { } url && !(url.IsAbsoluteUri && url.Scheme is "http" or "https"))
        {
            failures.Add($"{Path(nameof(OperatorOptions.AwsEndpointUrl))} is '{url}': it must be an absolute http or https URL.");
        }

        if (options.AwsEndpointUrl is { IsAbsoluteUri: true, UserInfo.Length: > 0 })
        {
            // Nor is it told here: it is no part of a request, and logs and conditions name the endpoint.
            failures.Add($"{Path(nameof(OperatorOptions.AwsEndpointUrl))} holds a user name or password: name the URL without.");
        }

        foreach (var network in options.RefusedEndpointNetworks.Where(network => !IPNetwork.TryParse(network, out _)))
        {
            failures.Add($"{Path(nameof(OperatorOptions.RefusedEndpointNetworks))} holds '{network}', which is no CIDR: name networks such as 10.96.0.0/12, with no bit set behind the prefix.");
        }

        foreach (var owner in options.AcceptedOwners.Where(owner => owner.Length == 0 || owner.StartsWith('*') || owner == options.ClusterId))
        {
            failures.Add($"{Path(nameof(OperatorOptions.AcceptedOwners))} holds '{owner}': name another cluster by its id, or owners of it by a glob such as old-cluster/team-a/*. Everybody's repositories cannot be accepted.");
        }

        if (options.DeletionBrakeLimit < 0)
        {
            failures.Add($"{Path(nameof(OperatorOptions.DeletionBrakeLimit))} is {options.DeletionBrakeLimit}: it must be at least 0, where 0 holds no deletions.");
        }

        RequireAtLeast(nameof(OperatorOptions.DeletionBrakePeriod), options.DeletionBrakePeriod, TimeSpan.FromSeconds(10));
        RequireAtLeast(nameof(OperatorOptions.ComparePeriod), options.ComparePeriod, TimeSpan.FromSeconds(1));
        if (options.ComparePeriod > LongestPeriod)
        {
            failures.Add($"{Path(nameof(OperatorOptions.ComparePeriod))} is {options.ComparePeriod}: it must be at most {LongestPeriod}.");
        }

        if (!(options.DeepCallsPerSecond is >= 0.001 and <= 1000))
        {
            failures.Add($"{Path(nameof(OperatorOptions.DeepCallsPerSecond))} is {options.DeepCallsPerSecond}: it must be from 0.001 to 1000.");
        }

        if (options.NamesPerCall is < 1 or > 100)
        {
            failures.Add($"{Path(nameof(OperatorOptions.NamesPerCall))} is {options.NamesPerCall}: it must be from 1 to 100, which is the most that AWS takes.");
        }

        RequireAtLeast(nameof(OperatorOptions.HeartbeatPeriod), options.HeartbeatPeriod, TimeSpan.FromSeconds(1));
        RequireAtLeast(nameof(OperatorOptions.ProviderRefreshPeriod), options.ProviderRefreshPeriod, TimeSpan.FromSeconds(1));
        RequireAtLeast(nameof(OperatorOptions.ProviderAuthenticationPeriod), options.ProviderAuthenticationPeriod, TimeSpan.FromSeconds(1));
        RequireAtLeast(nameof(OperatorOptions.MinRetryDelay), options.MinRetryDelay, TimeSpan.FromMilliseconds(10));
        RequireAtLeast(nameof(OperatorOptions.MaxRetryDelay), options.MaxRetryDelay, options.MinRetryDelay);
        RequireAtLeast(nameof(OperatorOptions.RebalancePeriod), options.RebalancePeriod, TimeSpan.Zero);
        foreach (var ns in options.Namespaces.Where(ns => !NamespacePattern().IsMatch(ns)))
        {
            failures.Add($"{Path(nameof(OperatorOptions.Namespaces))} holds '{ns}', which is no name of a namespace: name each one, or none to serve all.");
        }

        RequirePositive(nameof(OperatorOptions.MaxCallsPerProvider), options.MaxCallsPerProvider);
        RequirePositive(nameof(OperatorOptions.MaxCallsPerSilo), options.MaxCallsPerSilo);
        if (!(options.PaceMinRate is >= 0.01 and <= 100_000))
        {
            failures.Add($"{Path(nameof(OperatorOptions.PaceMinRate))} is {options.PaceMinRate}: it must be from 0.01 to 100000.");
        }

        if (!(options.PaceInitialRate >= options.PaceMinRate && options.PaceInitialRate <= options.PaceMaxRate))
        {
            failures.Add($"{Path(nameof(OperatorOptions.PaceInitialRate))} is {options.PaceInitialRate}: it must be from {nameof(OperatorOptions.PaceMinRate)}, which is {options.PaceMinRate}, to {nameof(OperatorOptions.PaceMaxRate)}, which is {options.PaceMaxRate}.");
        }

        if (!(options.PaceMaxRate <= 100_000))
        {
            failures.Add($"{Path(nameof(OperatorOptions.PaceMaxRate))} is {options.PaceMaxRate}: it must be at most 100000.");
        }

        RequireAtLeast(nameof(OperatorOptions.MaxPaceWait), options.MaxPaceWait, TimeSpan.FromSeconds(1));
        if (options.MaxPaceWait > LongestPaceWait)
        {
            failures.Add($"{Path(nameof(OperatorOptions.MaxPaceWait))} is {options.MaxPaceWait}: it must be at most {LongestPaceWait}, since whoever asks a provider gives up soon after.");
        }

        RequirePositive(nameof(OperatorOptions.MaxAnnouncements), options.MaxAnnouncements);
        failures.AddRange(TenantOptionsValidator.FailuresOf(options.Tenants));
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void RequireAtLeast(string option, TimeSpan value, TimeSpan least)
        {
            if (value < least)
            {
                failures.Add($"{Path(option)} is {value}: it must be at least {least}.");
            }
        }

        void RequirePositive(string option, int value)
        {
            if (value < 1)
            {
                failures.Add($"{Path(option)} is {value}: it must be at least 1.");
            }
        }
    }

    private static string Path(string option) => $"{OperatorOptions.Section}:{option}";

    [GeneratedRegex("^[a-z0-9-]{1,32}$")]
    private static partial Regex ClusterIdPattern();

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    private static partial Regex NamespacePattern();
}
