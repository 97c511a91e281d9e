using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.ECR;
using Amazon.ECR.Model;
using InfraOperator.Abstractions;
using InfraOperator.Conformance.Ecr;
using Repository = Amazon.ECR.Model.Repository;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>What every test of the control plane has: a namespace, in it the provider <c>aws</c>, and repositories under a prefix.</summary>
/// <param name="environment">Everything that the tests run on.</param>
/// <param name="suffix">What the namespace ends in, where that has a meaning to the silo.</param>
public abstract class ControlPlaneConformance(ControlPlaneEnvironment environment, string suffix = "") : IAsyncLifetime
{
    private int _syncs;

    /// <summary>Everything that the tests run on.</summary>
    protected ControlPlaneEnvironment Environment => environment;

    /// <summary>This test's namespace.</summary>
    protected string Namespace { get; } = $"t-{Guid.NewGuid().ToString("n")[..12]}{suffix}";

    /// <summary>The key that the provider <c>aws</c> signs with; no other test's.</summary>
    protected string AccessKeyId => $"AKIA{Namespace[2..].ToUpperInvariant()}";

    /// <summary>AWS as the provider <c>aws</c> sees it, past the proxy.</summary>
    protected IAmazonECR Ecr => environment.ClientsOf(AccessKeyId).Ecr;

    protected KubernetesObjects Objects => environment.Objects;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync()
    {
        environment.Began[(TestContext.Current.TestClass!.TestClassName, TestContext.Current.TestMethod!.MethodName)] = true;
        await environment.EnsureStartedAsync();
        await Objects.CreateAsync(new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = Namespace } });
        await CreateSecretAsync();
        await CreateProviderAsync("aws", StaticKeys());
    }

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }

    // Objects

    /// <summary>The name in AWS of the repository of the object with this name.</summary>
    protected string RepositoryOf(string name) => $"{Namespace}/{name}";

    protected static JsonObject StaticKeys(string secret = "keys") => new()
    {
        ["accessKeyIDRef"] = new JsonObject { ["name"] = secret, ["key"] = "id" },
        ["secretAccessKeyRef"] = new JsonObject { ["name"] = secret, ["key"] = "secret" },
    };

    /// <summary>A spec that names another provider than the usual.</summary>
    protected static JsonObject Using(string provider) => new() { ["providerRef"] = new JsonObject { ["name"] = provider } };

    /// <summary>A spec with one field more, or another value for it.</summary>
    protected static JsonObject With(JsonObject spec, string field, JsonNode? value)
    {
        spec[field] = value;
        return spec;
    }

    protected Task<JsonObject> CreateSecretAsync(string name = "keys", string id = "id", string secret = "secret", string? accessKeyId = null) => Objects.CreateAsync(new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Namespace },
        ["data"] = new JsonObject
        {
            [id] = Convert.ToBase64String(Encoding.UTF8.GetBytes(accessKeyId ?? AccessKeyId)),
            [secret] = Convert.ToBase64String(Encoding.UTF8.GetBytes(PlantedSecrets.SecretAccessKey)),
            ["token"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(PlantedSecrets.SessionToken)),
        },
    });

    protected Task<JsonObject> CreateProviderAsync(string name, JsonObject spec)
    {
        if (!spec.ContainsKey("region"))
        {
            spec["region"] = "us-east-1";
        }

        return CreateAsync(AWSProvider.Kind, name, spec);
    }

    /// <summary>Applies an object whose spec is said, but for provider and repository name where those are the usual.</summary>
    protected Task<JsonObject> CreateRepositoryAsync(string name, JsonObject? spec = null, JsonObject? annotations = null)
    {
        spec ??= [];
        spec["providerRef"] ??= new JsonObject { ["name"] = "aws" };
        spec["repositoryName"] ??= RepositoryOf(name);
        return CreateAsync(ECRRepository.Kind, name, spec, annotations);
    }

    /// <summary>Changes fields of a spec; null takes one out.</summary>
    protected Task<JsonObject> PatchSpecAsync(string name, JsonObject spec, string kind = ECRRepository.Kind) =>
        Objects.PatchAsync(kind, Namespace, name, new() { ["spec"] = spec });

    protected Task<JsonObject> AnnotateAsync(string name, string annotation, string? value, string kind = ECRRepository.Kind) =>
        Objects.PatchAsync(kind, Namespace, name, new() { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [annotation] = value } } });

    protected Task DeleteAsync(string name, string kind = ECRRepository.Kind) => Objects.DeleteAsync(kind, Namespace, name);

    protected Task UntilGoneAsync(string name, string kind = ECRRepository.Kind) => Objects.UntilGoneAsync(kind, Namespace, name);

    protected Task<JsonObject> UntilAsync(string name, Func<JsonObject, bool> holds, string kind = ECRRepository.Kind, [CallerArgumentExpression(nameof(holds))] string what = "") =>
        Objects.UntilAsync(kind, Namespace, name, holds, what);

    /// <summary>Waits until the whole of the newest spec holds.</summary>
    protected Task<JsonObject> UntilSyncedAsync(string name) => UntilAsync(name, value => value.IsSynced());

    /// <summary>Waits until a condition has a reason, said of the newest spec.</summary>
    protected Task<JsonObject> UntilReasonAsync(string name, string type, string reason, string kind = ECRRepository.Kind) =>
        UntilAsync(name, value => value.SpeaksOfNewestSpec() && value.Condition(type)?.Reason == reason, kind, $"{type} for the reason {reason}");

    protected async Task<JsonObject> CreateSyncedAsync(string name, JsonObject? spec = null)
    {
        await CreateRepositoryAsync(name, spec);
        return await UntilSyncedAsync(name);
    }

    /// <summary>Has an object compared with AWS and waits until that is done: what was to happen has happened then.</summary>
    protected async Task<JsonObject> CompareAsync(string name)
    {
        var token = $"{Namespace}-{Interlocked.Increment(ref _syncs)}";
        await AnnotateAsync(name, ApiNames.ForceSyncAnnotation, token);
        return await UntilAsync(name, value => ((string?)value["status"]?["lastHandledForceSync"])?.StartsWith($"{token}|", StringComparison.Ordinal) == true, ECRRepository.Kind, $"force-sync {token} handled");
    }

    /// <summary>Asks a provider to sync and waits until its repositories were swept.</summary>
    protected async Task SweepAsync(string provider = "aws")
    {
        var before = (await Objects.FindAsync(AWSProvider.Kind, Namespace, provider))!;
        await UntilSecondAfterAsync(SweptAt(before) ?? DateTimeOffset.UnixEpoch);
        await AnnotateAsync(provider, ApiNames.ForceSyncAnnotation, $"{Namespace}-{Interlocked.Increment(ref _syncs)}", AWSProvider.Kind);
        await UntilAsync(provider, value => SweptAt(value) is { } swept && swept != SweptAt(before), AWSProvider.Kind, "a sweep told");

        static DateTimeOffset? SweptAt(JsonObject provider) => provider["status"]?["lastSweepTime"]?.GetValue<DateTimeOffset>();
    }

    // What the control plane did

    /// <summary>Its requests to AWS about the repository of an object, or about those of all.</summary>
    protected IReadOnlyList<string> AwsCalls(string? name = null) =>
        [.. environment.Aws.Log.Where(request => name is null ? request.Name.StartsWith($"{Namespace}/", StringComparison.Ordinal) : request.Name == RepositoryOf(name)).Select(request => request.Operation)];

    /// <summary>Its writes to AWS about the repository of an object, or about those of all.</summary>
    protected IReadOnlyList<string> AwsWrites(string? name = null) => [.. AwsCalls(name).Where(operation => new RecordedRequest(operation, "", "", "", "").IsWrite)];

    /// <summary>Its writes to Kubernetes about an object, events included.</summary>
    protected IReadOnlyList<RecordedRequest> KubernetesWrites(string name) =>
        [.. environment.Kubernetes.Log.Where(request => request.Namespace == Namespace && request.Name == name && request.IsWrite)];

    /// <summary>Interferes with requests to AWS about the repository of an object.</summary>
    protected IDisposable InterfereWithAws(string name, string operation, Interference interference, int times = int.MaxValue) =>
        environment.Aws.Interfere(request => request.Name == RepositoryOf(name) && request.Operation == operation && Interlocked.Decrement(ref times) >= 0 ? interference : null);

    /// <summary>Interferes with requests to Kubernetes about an object.</summary>
    protected IDisposable InterfereWithKubernetes(string name, string operation, Interference interference, int times = int.MaxValue) =>
        environment.Kubernetes.Interfere(request => request.Namespace == Namespace && request.Name == name && request.Operation == operation && Interlocked.Decrement(ref times) >= 0 ? interference : null);

    // AWS, as it is

    protected async Task<Repository?> FindInAwsAsync(string name)
    {
        try
        {
            return (await Ecr.DescribeRepositoriesAsync(new() { RepositoryNames = [RepositoryOf(name)] }, Cancel)).Repositories!.Single();
        }
        catch (RepositoryNotFoundException)
        {
            return null;
        }
    }

    protected async Task<Repository> InAwsAsync(string name) =>
        await FindInAwsAsync(name) ?? throw new InvalidOperationException($"There is no repository {RepositoryOf(name)}.");

    protected async Task<SortedDictionary<string, string>> TagsInAwsAsync(string name) =>
        new((await Ecr.ListTagsForResourceAsync(new() { ResourceArn = (await InAwsAsync(name)).RepositoryArn }, Cancel)).Tags!.ToDictionary(tag => tag.Key!, tag => tag.Value!), StringComparer.Ordinal);

    protected async Task TagInAwsAsync(string name, string key, string value) =>
        await Ecr.TagResourceAsync(new() { ResourceArn = (await InAwsAsync(name)).RepositoryArn, Tags = [new() { Key = key, Value = value }] }, Cancel);

    protected async Task<string?> LifecyclePolicyInAwsAsync(string name)
    {
        try
        {
            return (await Ecr.GetLifecyclePolicyAsync(new() { RepositoryName = RepositoryOf(name) }, Cancel)).LifecyclePolicyText;
        }
        catch (LifecyclePolicyNotFoundException)
        {
            return null;
        }
    }

    protected async Task<string?> RepositoryPolicyInAwsAsync(string name)
    {
        try
        {
            return (await Ecr.GetRepositoryPolicyAsync(new() { RepositoryName = RepositoryOf(name) }, Cancel)).PolicyText;
        }
        catch (RepositoryPolicyNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Makes a repository as somebody else would.</summary>
    protected async Task<Repository> CreateInAwsAsync(string name, params (string Key, string Value)[] tags) =>
        (await Ecr.CreateRepositoryAsync(new() { RepositoryName = RepositoryOf(name), Tags = [.. tags.Select(tag => new Tag { Key = tag.Key, Value = tag.Value })] }, Cancel)).Repository!;

    protected Task DeleteInAwsAsync(string name) => Ecr.DeleteRepositoryAsync(new() { RepositoryName = RepositoryOf(name), Force = true }, Cancel);

    protected Task PushAsync(string name, string tag) => EcrPush.ImageAsync(environment.AwsUrl, RepositoryOf(name), tag, Cancel);

    /// <summary>How many images AWS itself shows; which pushes make one and the same image is its affair.</summary>
    protected async Task<int> ImagesInAwsAsync(string name) =>
        (await Ecr.DescribeImagesAsync(new() { RepositoryName = RepositoryOf(name) }, Cancel)).ImageDetails!.DistinctBy(image => image.ImageDigest).Count();

    /// <summary>The owner tag of an object of this test.</summary>
    protected string OwnerOf(string name) => $"{ControlPlaneEnvironment.ClusterId}/{Namespace}/{name}";

    /// <summary>Where "not found" is no longer put down to AWS's own lag: as if the repository had been made long ago.</summary>
    protected Task AgeAsync(string name) =>
        Objects.PatchAsync(ECRRepository.Kind, Namespace, name, new() { ["status"] = new JsonObject { ["creationDate"] = "2020-01-01T00:00:00Z" } }, "status");

    /// <summary>Ages are told in whole seconds: waits until the API server's clock shows a later second.</summary>
    protected async Task UntilSecondAfterAsync(DateTimeOffset moment)
    {
        while (true)
        {
            var probe = await CreateSecretAsync($"clock-{Guid.NewGuid():n}");
            if (probe.Created().ToUnixTimeSeconds() > moment.ToUnixTimeSeconds())
            {
                return;
            }
        }
    }

    private Task<JsonObject> CreateAsync(string kind, string name, JsonObject spec, JsonObject? annotations = null) => Objects.CreateAsync(new()
    {
        ["apiVersion"] = ApiNames.ApiVersion,
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Namespace, ["annotations"] = annotations },
        ["spec"] = spec,
    });
}

/// <summary>Reads what the suite asks of objects.</summary>
public static class ObjectReading
{
    public static (string? Status, string? Reason, string? Message)? Condition(this JsonObject value, string type) =>
        value["status"]?["conditions"]?.AsArray().FirstOrDefault(condition => (string?)condition!["type"] == type) is { } found
            ? ((string?)found["status"], (string?)found["reason"], (string?)found["message"])
            : null;

    public static bool SpeaksOfNewestSpec(this JsonObject value) => (long?)value["status"]?["observedGeneration"] == (long?)value["metadata"]!["generation"];

    public static bool IsSynced(this JsonObject value) =>
        value.SpeaksOfNewestSpec() && value.Condition(ConditionTypes.Ready)?.Status == ConditionStatus.True && value.Condition(ConditionTypes.Synced)?.Status == ConditionStatus.True;

    public static DateTimeOffset Created(this JsonObject value) => DateTimeOffset.Parse((string)value["metadata"]!["creationTimestamp"]!, CultureInfo.InvariantCulture);

    public static string? Message(this JsonObject value) => (string?)value["status"]?["message"];

    public static string[] Finalizers(this JsonObject value) => [.. value["metadata"]?["finalizers"]?.AsArray().Select(finalizer => (string)finalizer!) ?? []];
}
