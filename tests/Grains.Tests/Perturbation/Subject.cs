using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Grains.Tests.Perturbation;

/// <summary>One object with its repository, perhaps with a provider of its own, that goes through a flow and meets one fault. All that is its own bears its name.</summary>
internal sealed class Subject
{
    /// <summary>The provider of those who have none of their own.</summary>
    public const string SharedProvider = "shared";

    private const string KeyPrefix = "AKIA.";

    private readonly World _world;
    private Dictionary<string, Answer>? _past;
    private string? _uid;
    private long _generation;
    private string? _sync;
    private int _syncs;

    public Subject(World world, string flow, Fault fault, int number)
    {
        _world = world;
        (Fault, Number) = (fault, number);
        Name = $"{flow}-{fault.Name()}-{number}";
        Disturbance = new(fault, number, Past);
    }

    /// <summary>The name of object, repository, provider and Secret.</summary>
    public string Name { get; }

    /// <summary>Which subject a name belongs to that a request bears.</summary>
    public static string NameIn(string name) => name.Split('.')[0];

    /// <summary>Which subject a key belongs to.</summary>
    public static string NameInKey(string accessKeyId) => IsKey(accessKeyId) ? NameIn(accessKeyId[KeyPrefix.Length..]) : "";

    /// <summary>Whether a key is one that a provider was given, and no session's.</summary>
    public static bool IsKey(string accessKeyId) => accessKeyId.StartsWith(KeyPrefix, StringComparison.Ordinal);

    public Fault Fault { get; }

    /// <summary>Which of the calls meets the fault.</summary>
    public int Number { get; }

    public Disturbance Disturbance { get; }

    public string Repository => $"{World.Namespace}/{Name}";

    public string OwnerTag => $"{ControlPlaneEnvironment.ClusterId}/{World.Namespace}/{Name}";

    /// <summary>Which object the write was meant for that was held back.</summary>
    public string? HeldFor { get; set; }

    /// <summary>How many steps of the flow were begun.</summary>
    public int Steps { get; set; }

    /// <summary>What went wrong, in sentences.</summary>
    public List<string> Problems { get; } = [];

    // What a person does to the objects

    public async Task CreateAsync(JsonObject spec, bool paused = false, string? provider = null, params string[] finalizers)
    {
        spec = spec.DeepClone().AsObject();
        spec["providerRef"] = new JsonObject { ["name"] = provider ?? SharedProvider };
        spec["repositoryName"] = Repository;
        var metadata = new JsonObject
        {
            ["annotations"] = paused ? new JsonObject { [ApiNames.PausedAnnotation] = "true" } : null,
            ["finalizers"] = finalizers.Length > 0 ? new JsonArray([.. finalizers.Select(finalizer => (JsonNode)finalizer)]) : null,
        };
        Keep(await _world.CreateAsync(ECRRepository.Kind, Name, spec, metadata));
    }

    public async Task PatchAsync(JsonObject spec) => Keep(await _world.Objects.PatchAsync(ECRRepository.Kind, World.Namespace, Name, new() { ["spec"] = spec.DeepClone() }));

    public async Task UnpauseAsync() => Keep(await AnnotateAsync(ECRRepository.Kind, ApiNames.PausedAnnotation, null));

    public Task DeleteAsync() => _world.Objects.DeleteAsync(ECRRepository.Kind, World.Namespace, Name);

    /// <summary>Asks for a comparison.</summary>
    public async Task ForceSyncAsync(string kind = ECRRepository.Kind)
    {
        _sync = $"sync-{++_syncs}";
        await AnnotateAsync(kind, ApiNames.ForceSyncAnnotation, _sync);
    }

    /// <summary>As if the repository had been made so long ago that AWS shows it to everybody.</summary>
    public Task AgeAsync() => _world.Objects.PatchAsync(ECRRepository.Kind, World.Namespace, Name, new() { ["status"] = new JsonObject { ["creationDate"] = "2020-01-01T00:00:00Z" } }, "status");

    public Task CreateProviderAsync(string suffix = "", JsonObject? spec = null) => _world.CreateProviderAsync($"{Name}{suffix}", spec);

    public Task PatchProviderAsync(JsonObject spec) => _world.Objects.PatchAsync(AWSProvider.Kind, World.Namespace, Name, new() { ["spec"] = spec.DeepClone() });

    public Task DeleteProviderAsync() => _world.Objects.DeleteAsync(AWSProvider.Kind, World.Namespace, Name);

    /// <summary>Gives the provider another key.</summary>
    public Task RotateAsync() => _world.Objects.PatchAsync("Secret", World.Namespace, Name, new() { ["data"] = new JsonObject { ["id"] = World.Base64(KeyOf($"{Name}.second")) } });

    public static string KeyOf(string provider) => $"{KeyPrefix}{provider}";

    // What somebody else does to AWS

    public async Task InAwsAsync(string operation, JsonObject body)
    {
        await RememberAsync();
        body[operation is "TagResource" or "UntagResource" ? "resourceArn" : "repositoryName"] = operation is "TagResource" or "UntagResource" ? AwsTruth.ArnOf(Repository) : Repository;
        await _world.Ecr.DoAsync(operation, body);
    }

    public async Task PushAsync()
    {
        await RememberAsync();
        await _world.Ecr.PushAsync(Repository, "one");
    }

    // What is waited for

    public Task UntilSyncedAsync() => UntilAsync(value => IsNewest(value) && value!.IsSynced(), $"synced in generation {_generation}");

    public Task UntilReasonAsync(string reason) =>
        UntilAsync(value => IsNewest(value) && value!.SpeaksOfNewestSpec() && value!.Condition(ConditionTypes.Synced)?.Reason == reason, $"Synced for the reason {reason} in generation {_generation}");

    /// <summary>Waits until the comparison that was asked for last is done.</summary>
    public Task UntilComparedAsync(string kind = ECRRepository.Kind) =>
        _world.Board.UntilAsync(kind, Name, value => (string?)value?["status"]?["lastHandledForceSync"] == $"{_sync}|", $"compared after force-sync {_sync}");

    public async Task UntilSyncedAgainAsync()
    {
        await UntilComparedAsync();
        await UntilSyncedAsync();
    }

    public Task UntilDeletingAsync(string reason) => UntilAsync(
        value => value?["metadata"]!["deletionTimestamp"] is not null && value.SpeaksOfNewestSpec() && value.Condition(ConditionTypes.Synced)?.Reason == reason, $"being deleted and held for the reason {reason}");

    public Task UntilGoneAsync() => UntilAsync(value => value is null || (string?)value["metadata"]!["uid"] != _uid, "gone");

    public Task UntilAsync(Func<JsonObject?, bool> holds, string what) => _world.Board.UntilAsync(ECRRepository.Kind, Name, holds, what);

    public Task UntilProviderAsync(Func<JsonObject?, bool> holds, string what, string suffix = "") => _world.Board.UntilAsync(AWSProvider.Kind, $"{Name}{suffix}", holds, what);

    // How it came out

    /// <summary>Object and repository, each in one line.</summary>
    public async Task<Outcome> OutcomeAsync() => new(_world.Find(Name) is { } value ? Describe(value) : "gone", await _world.Ecr.DescribeAsync(Repository, OwnerTag));

    public override string ToString() => $"{Name} ({Disturbance.Injected ?? "no call met it"})";

    /// <summary>Keeps what AWS says now as what was true before the change that is about to come.</summary>
    public async Task RememberAsync()
    {
        if (Fault.ShowsThePast())
        {
            _past = await _world.Ecr.ReadAsync(Repository);
        }
    }

    private static string Describe(JsonObject value)
    {
        var (ready, synced) = (value.Condition(ConditionTypes.Ready), value.Condition(ConditionTypes.Synced));
        var deleting = value["metadata"]!["deletionTimestamp"] is null ? "" : "being deleted, ";
        return $"{deleting}{(string?)value["status"]?["origin"] ?? "no origin"}, Ready {ready?.Status}, Synced {synced?.Status} {synced?.Reason}, {string.Join(" ", value.Finalizers().Select(finalizer => finalizer.Split('/')[^1]))}";
    }

    private Task<JsonObject> AnnotateAsync(string kind, string annotation, string? value) =>
        _world.Objects.PatchAsync(kind, World.Namespace, Name, new() { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [annotation] = value } } });

    private bool IsNewest(JsonObject? value) => (string?)value?["metadata"]!["uid"] == _uid && (long?)value!["metadata"]!["generation"] >= _generation;

    private void Keep(JsonObject written) => (_uid, _generation) = ((string)written["metadata"]!["uid"]!, (long)written["metadata"]!["generation"]!);

    private Answer? Past(RecordedRequest request) => request.Operation switch
    {
        "get ecrrepositories" => PastOf(ECRRepository.Kind, request.Name),
        "get awsproviders" => PastOf(AWSProvider.Kind, request.Name),
        var operation => _past?.GetValueOrDefault(operation),
    };

    private Answer PastOf(string kind, string name) => _world.Board.Before(kind, name) is { } value
        ? new(200, value.ToJsonString(), "application/json")
        : Interference.KubernetesError(404, "NotFound").Instead!;
}

/// <summary>How a flow came out.</summary>
/// <param name="Object">The object in one line.</param>
/// <param name="Repository">The repository in AWS in one line.</param>
internal sealed record Outcome(string Object, string Repository)
{
    public override string ToString() => $"[{Object}; in AWS {Repository}]";
}
