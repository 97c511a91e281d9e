using System.Text.RegularExpressions;

namespace InfraOperator.Grains.Hosting;

/// <summary>Finds what is wrong with the tenancy rules: a bound that can hold nothing, or not what it seems to.</summary>
internal static partial class TenantOptionsValidator
{
    /// <summary>What is wrong, and how to mend it.</summary>
    /// <param name="rules">The rules.</param>
    public static IEnumerable<string> FailuresOf(IList<TenantOptions> rules) => rules.Index().SelectMany(rule => FailuresOf(rule.Index, rule.Item, rules.Take(rule.Index)));

    private static IEnumerable<string> FailuresOf(int index, TenantOptions rule, IEnumerable<TenantOptions> before)
    {
        if (string.IsNullOrWhiteSpace(rule.Name))
        {
            yield return $"{Path(nameof(rule.Name))} is required: it names the rule in conditions. Choose one, such as team-a.";
        }
        else if (before.Any(other => other.Name == rule.Name))
        {
            yield return $"{Path(nameof(rule.Name))} is '{rule.Name}', as another rule's: give each a name of its own.";
        }

        if (rule.Namespaces.Count == 0)
        {
            yield return $"{Path(nameof(rule.Namespaces))} is required: name the namespaces that rule '{rule.Name}' is for, or * for those that no rule before it is for.";
        }

        if (before.FirstOrDefault(other => other.Namespaces.Contains("*")) is { } all)
        {
            yield return $"{Path(nameof(rule.Namespaces))} can never count, because rule '{all.Name}' before it is for every namespace: put rule '{rule.Name}' first.";
        }

        var failures = Unusable(nameof(rule.Namespaces), rule.Namespaces, NamespacePattern().IsMatch, "name a namespace, or a glob such as team-a-*")
            .Concat(Unusable(nameof(rule.RoleARNs), rule.RoleARNs, value => value == TenantOptions.Ambient || value.StartsWith("arn:", StringComparison.Ordinal) || value.StartsWith('*'), $"name a role's ARN, a glob such as arn:aws:iam::123456789012:role/team-a-*, or {TenantOptions.Ambient}"))
            .Concat(Unusable(nameof(rule.AccountIDs), rule.AccountIDs, AccountPattern().IsMatch, "an account id has 12 digits; write it in quotes"))
            .Concat(Unusable(nameof(rule.Regions), rule.Regions, NamespacePattern().IsMatch, "name a region, or a glob such as eu-*"))
            .Concat(Unusable(nameof(rule.EndpointHosts), rule.EndpointHosts, HostPattern().IsMatch, "name a host without scheme and port, or a glob such as *.example.com"))
            .Concat(Unusable(nameof(rule.RepositoryNames), rule.RepositoryNames, value => value.Length > 0, "name a repository, or a glob such as team-a/*"));
        foreach (var failure in failures)
        {
            yield return failure;
        }

        if (rule.MaxRepositories < 0)
        {
            yield return $"{Path(nameof(rule.MaxRepositories))} is {rule.MaxRepositories}: it must be at least 0, or absent to bind nothing.";
        }

        string Path(string option) => $"{OperatorOptions.Section}:{nameof(OperatorOptions.Tenants)}:{index}:{option}";

        IEnumerable<string> Unusable(string option, IEnumerable<string> values, Func<string, bool> isUsable, string mend) =>
            values.Where(value => !isUsable(value)).Select(value => $"{Path(option)} holds '{value}': {mend}.");
    }

    [GeneratedRegex("^[a-z0-9*?-]+$")]
    private static partial Regex NamespacePattern();

    [GeneratedRegex("^[0-9]{12}$")]
    private static partial Regex AccountPattern();

    // An IPv6 address stands in brackets.
    [GeneratedRegex(@"^([^/:\s]+|\[[0-9A-Fa-f:.*?]+\])$")]
    private static partial Regex HostPattern();
}
