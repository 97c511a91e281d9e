using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Grains.Tests.ControlPlane;

namespace InfraOperator.Grains.Tests.Perturbation;

/// <summary>The control plane between servers in memory, with every call of it looked at and perhaps met by a fault.</summary>
internal sealed class World : SandboxControlPlane
{
    /// <summary>Where all subjects live.</summary>
    public const string Namespace = "perturbed";

    private readonly ConcurrentDictionary<string, Subject> _subjects = new();
    private readonly WriteAudit _audit;
    private AwsTruth? _ecr;
    private ObjectBoard? _board;

    public World() => _audit = new(this);

    public AwsTruth Ecr => _ecr!;

    public ObjectBoard Board => _board!;

    public WriteAudit Audit => _audit;

    protected override Dictionary<string, string?> Settings => new(base.Settings) { ["Operator:MinRetryDelay"] = "00:00:00.050", ["Operator:DeletionBrakeLimit"] = "0", ["Operator:NamesPerCall"] = "1" };

    public async Task StartAsync()
    {
        await EnsureStartedAsync();
        (_ecr, _board) = (new(AwsUrl), new(Server.Url));
        Kubernetes.Interfere(Judge);
        Aws.Interfere(Judge);
        Kubernetes.Overhear(LetsHear);
        await Objects.CreateAsync(new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = Namespace } });
        await CreateProviderAsync(Subject.SharedProvider);
    }

    public Subject Add(string flow, Fault fault, int number)
    {
        var subject = new Subject(this, flow, fault, number);
        _subjects[subject.Name] = subject;
        return subject;
    }

    /// <summary>An object as the API server has it; null where there is none.</summary>
    public JsonObject? Find(string name) => Server.Get(ECRRepository.Plural, Namespace, name);

    public Task<JsonObject> CreateAsync(string kind, string name, JsonObject spec, JsonObject? metadata = null)
    {
        metadata ??= [];
        (metadata["name"], metadata["namespace"]) = (name, Namespace);
        return Objects.CreateAsync(new() { ["apiVersion"] = ApiNames.ApiVersion, ["kind"] = kind, ["metadata"] = metadata, ["spec"] = spec });
    }

    /// <summary>Makes a provider, and the Secret with its key.</summary>
    public async Task CreateProviderAsync(string name, JsonObject? spec = null)
    {
        await Objects.CreateAsync(new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Namespace },
            ["data"] = new JsonObject { ["id"] = Base64(Subject.KeyOf(name)), ["secret"] = Base64("secret") },
        });
        spec = spec?.DeepClone().AsObject() ?? [];
        spec["region"] ??= AwsTruth.Region;
        spec["accessKeyIDRef"] = new JsonObject { ["name"] = name, ["key"] = "id" };
        spec["secretAccessKeyRef"] = new JsonObject { ["name"] = name, ["key"] = "secret" };
        await CreateAsync(AWSProvider.Kind, name, spec);
    }

    /// <summary>The uid of an object as the API server has it; null where there is none.</summary>
    public string? UidOf(string name) => (string?)Find(name)?["metadata"]!["uid"];

    /// <summary>Has a write arrive that was held back.</summary>
    /// <returns>Whether the server took it.</returns>
    public async Task<bool> DeliverAsync(RecordedRequest held)
    {
        var resource = held.Operation["patch ".Length..].Split('/');
        using var http = OpenKubernetes();
        using var content = new StringContent(held.Body, Encoding.UTF8, "application/json-patch+json");
        var path = $"/apis/{ApiNames.ApiVersion}/namespaces/{Namespace}/{resource[0]}/{held.Name}{(resource.Length > 1 ? $"/{resource[1]}" : "")}";
        using var response = await http.PatchAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        return response.IsSuccessStatusCode;
    }

    /// <summary>Has the watches lose their place, so that all is listed again.</summary>
    public void Relist()
    {
        Server.ForgetHistory();
        Server.DropWatches();
    }

    public override async ValueTask DisposeAsync()
    {
        await (_board?.DisposeAsync() ?? default);
        _ecr?.Dispose();
        await base.DisposeAsync();
    }

    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private Interference? Judge(RecordedRequest request)
    {
        var subject = SubjectOf(request);
        var secondAttempt = subject?.Disturbance.IsSecondAttempt(request) == true;
        var interference = subject?.Disturbance.Judge(request);
        if (subject is { HeldFor: null, Disturbance.Held: not null })
        {
            subject.HeldFor = UidOf(subject.Name);
        }

        var isAwsWrite = request.IsWrite && request.Region.Length > 0 && request.Name.Length > 0;
        if (!isAwsWrite || interference is { DropBefore: true } or { Instead: not null })
        {
            return interference;
        }

        return (interference ?? new()) with
        {
            Before = async () =>
            {
                if (subject is not null && !secondAttempt)
                {
                    await subject.RememberAsync();
                }

                await _audit.LookAsync(subject, request);
            },
        };
    }

    private bool LetsHear(string line)
    {
        if (JsonNode.Parse(line) is not { } change || (string?)change["object"]?["metadata"]?["name"] is not { } name || !_subjects.TryGetValue(Subject.NameIn(name), out var subject))
        {
            return true;
        }

        return subject.Disturbance.LetsHear($"{change["type"]} {change["object"]!["kind"]} {name}");
    }

    private Subject? SubjectOf(RecordedRequest request)
    {
        var name = request.Namespace == Namespace ? Subject.NameIn(request.Name)
            : request.Name.StartsWith($"{Namespace}/", StringComparison.Ordinal) ? Subject.NameIn(request.Name[(Namespace.Length + 1)..])
            : request.Name.Length == 0 ? Subject.NameInKey(request.AccessKeyId)
            : "";
        return _subjects.GetValueOrDefault(name);
    }
}
