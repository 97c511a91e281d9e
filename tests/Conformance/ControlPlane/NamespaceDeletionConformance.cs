using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>
/// A namespace that goes with everything in it, in whatever order: it ends, the objects with it, AWS is left as the policies say,
/// and nobody calls that an error.
/// </summary>
public abstract class NamespaceDeletionConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    private const int Each = 4;

    // One namespace at a time: a proof is good for two seconds, which many deletions at once on a busy machine use up in waiting.
    private static readonly SemaphoreSlim Turn = new(1);

    private static readonly string[] Policies = ["Delete", "Full", "Retain", "Orphan", "Observe"];

    public enum Order
    {
        AllAtOnce,
        ProviderFirst,
        SecretFirst,
        RepositoriesFirst,
        ProviderOfAnotherNamespace,
        ProviderOfAnotherNamespaceThatEndsFirst,
    }

    public static TheoryData<Order> Orders => [.. Enum.GetValues<Order>()];

    private string ProvidersNamespace => $"{Namespace}-aws";

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task It_ends_clean(Order order)
    {
        await Turn.WaitAsync(Cancel);
        try
        {
            await EndAsync(order);
        }
        finally
        {
            Turn.Release();
        }
    }

    private async Task EndAsync(Order order)
    {
        var elsewhere = order is Order.ProviderOfAnotherNamespace or Order.ProviderOfAnotherNamespaceThatEndsFirst;
        var provider = elsewhere ? await CreateProviderElsewhereAsync() : new JsonObject { ["name"] = "aws" };
        string[] names = [.. Policies.SelectMany(policy => Enumerable.Range(0, Each).Select(number => $"{policy.ToLowerInvariant()}-{number}"))];
        await Task.WhenAll(names.Select(name => CreateAsync(name, provider)));

        switch (order)
        {
            case Order.ProviderFirst:
                await DeleteAsync("aws", AWSProvider.Kind);
                break;
            case Order.SecretFirst:
                await Objects.DeleteAsync("Secret", Namespace, "keys");
                break;
            case Order.RepositoriesFirst:
                await Task.WhenAll(names.Select(name => DeleteAsync(name)));
                break;
            case Order.ProviderOfAnotherNamespaceThatEndsFirst:
                await Objects.DeleteAsync("Namespace", null, ProvidersNamespace);
                break;
        }

        await Objects.DeleteAsync("Namespace", null, Namespace);
        if (order == Order.ProviderOfAnotherNamespace)
        {
            await Objects.DeleteAsync("Namespace", null, ProvidersNamespace);
        }

        await Objects.UntilGoneAsync("Namespace", null, Namespace);
        if (elsewhere)
        {
            await Objects.UntilGoneAsync("Namespace", null, ProvidersNamespace);
        }

        await Task.WhenAll(names.Select(AssertLeftAsItsPolicySaysAsync));
        Assert.DoesNotContain(Environment.Log.Errors, line => line.Contains(Namespace, StringComparison.Ordinal));
        Assert.DoesNotContain(Environment.Log.Lines, line => line.Contains(Namespace, StringComparison.Ordinal) && line.Contains("could not be recorded", StringComparison.Ordinal));
    }

    private async Task CreateAsync(string name, JsonObject provider)
    {
        var policy = name.Split('-')[0];
        if (policy == "observe")
        {
            await CreateInAwsAsync(name);
        }

        await CreateSyncedAsync(name, new()
        {
            ["providerRef"] = provider.DeepClone(),
            [policy == "observe" ? "managementPolicy" : "deletionPolicy"] = policy switch { "observe" => "Observe", "retain" => "Retain", "orphan" => "Orphan", _ => "Delete" },
        });
        if (policy == "full")
        {
            await PushAsync(name, "one");
        }
    }

    private async Task AssertLeftAsItsPolicySaysAsync(string name)
    {
        var policy = name.Split('-')[0];
        Assert.Equal((name, policy is not ("delete" or "full")), (name, await FindInAwsAsync(name) is not null));
        switch (policy)
        {
            case "retain":
                // Released where the provider was still there to do it, which is a courtesy.
                Assert.Contains((await TagsInAwsAsync(name))[ApiNames.OwnerTag], (string[])[OwnerOf(name), $"released/{OwnerOf(name)}"]);
                break;
            case "orphan":
                Assert.Equal(OwnerOf(name), (await TagsInAwsAsync(name))[ApiNames.OwnerTag]);
                break;
            case "observe":
                Assert.Empty(AwsWrites(name));
                break;
        }
    }

    private async Task<JsonObject> CreateProviderElsewhereAsync()
    {
        await Objects.CreateAsync(new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = ProvidersNamespace } });
        foreach (var (kind, name) in ((string, string)[])[("Secret", "keys"), (AWSProvider.Kind, "aws")])
        {
            var copy = (await Objects.FindAsync(kind, Namespace, name))!;
            copy["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ProvidersNamespace };
            copy.Remove("status");
            if (kind == AWSProvider.Kind)
            {
                copy["spec"]!["allowedNamespaces"] = new JsonArray(Namespace);
            }

            await Objects.CreateAsync(copy);
        }

        return new() { ["name"] = "aws", ["namespace"] = ProvidersNamespace };
    }
}
