using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Aws;
using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Sandbox.Ecr;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Integration.Failover;

/// <summary>
/// Silos as processes that share two thousand objects on the real API server. AWS is the sandbox's, since moto is too slow for so
/// many; what moto says of each operation is tried elsewhere.
/// </summary>
public sealed class Fleet : IAsyncLifetime
{
    public const string ClusterId = "fleet";
    public const int Objects = 2000;
    private const int Size = 4;
    private const int AtOnce = 16;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    // More would only measure how busy the machine is.
    private static readonly TimeSpan EditPeriod = TimeSpan.FromMilliseconds(20);

    private readonly string _namespace = $"fleet-{Guid.NewGuid():N}"[..14];
    private readonly List<FleetMember> _members = [];
    private readonly List<FleetMember> _all = [];
    private readonly AwsClientFactory _factory = new(TimeProvider.System, NullLoggerFactory.Instance);
    private readonly int[] _edits = new int[Objects];
    private readonly SemaphoreSlim _editing = new(1);
    private HttpClient? _http;
    private SandboxEcr? _ecr;
    private int _started;

    /// <summary>Objects, past the proxies.</summary>
    public KubernetesObjects Api => new(_http!);

    public SandboxEcr Ecr => _ecr!;

    /// <summary>The silos that have not been ended.</summary>
    public IReadOnlyList<FleetMember> Members => _members;

    /// <summary>The silo that watches the repositories, or another.</summary>
    public FleetMember Choose(bool watches)
    {
        var watcher = _members.Where(member => member.Listed is not null).MaxBy(member => member.Listed)!;
        return watches ? watcher : _members.First(member => member != watcher);
    }

    public async ValueTask InitializeAsync()
    {
        await CustomResourceDefinitions.EnsureAppliedAsync();
        _http = IntegrationEnvironment.OpenKubernetes();
        _ecr = await SandboxEcr.StartAsync(new(), CancellationToken.None);
        await Api.CreateAsync(new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = _namespace } });
        await Api.CreateAsync(new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = "keys", ["namespace"] = _namespace },
            ["stringData"] = new JsonObject { ["AWS_ACCESS_KEY_ID"] = "test", ["AWS_SECRET_ACCESS_KEY"] = PlantedSecrets.SecretAccessKey },
        });
        await Api.CreateAsync(new()
        {
            ["apiVersion"] = ApiNames.ApiVersion,
            ["kind"] = AWSProvider.Kind,
            ["metadata"] = new JsonObject { ["name"] = "aws", ["namespace"] = _namespace },
            ["spec"] = new JsonObject { ["region"] = "us-east-1", ["credentialsSecret"] = new JsonObject { ["name"] = "keys" } },
        });
        await Parallel.ForEachAsync(Enumerable.Range(0, Objects), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, _) => await Api.CreateAsync(new()
        {
            ["apiVersion"] = ApiNames.ApiVersion,
            ["kind"] = ECRRepository.Kind,
            ["metadata"] = new JsonObject { ["name"] = NameOf(number), ["namespace"] = _namespace },
            ["spec"] = new JsonObject
            {
                ["providerRef"] = new JsonObject { ["name"] = "aws" },
                ["repositoryName"] = RepositoryOf(number),
                ["tags"] = new JsonObject { ["edit"] = "0" },
            },
        }));
        await CompleteAsync();
        await UntilSyncedAsync();
    }

    /// <summary>Starts silos until there are as many as there should be.</summary>
    public async Task CompleteAsync()
    {
        while (_members.Count < Size)
        {
            await StartOneAsync();
        }

        await Task.WhenAll(_members.Select(member => member.ServingAsync()));
    }

    /// <summary>Starts one more.</summary>
    public async Task<FleetMember> AddAsync()
    {
        var member = await StartOneAsync();
        await member.ServingAsync();
        return member;
    }

    private async Task<FleetMember> StartOneAsync()
    {
        var member = await FleetMember.StartAsync($"silo-{++_started}", _namespace, _ecr!.Url);
        _all.Add(member);
        _members.Add(member);
        return member;
    }

    /// <summary>Counts a silo no longer, whose process somebody ended or is about to.</summary>
    public void Forget(FleetMember member) => _members.Remove(member);

    /// <summary>Edits one object after the other until cancelled, through whatever the API server does meanwhile.</summary>
    public async Task EditAsync(CancellationToken stop)
    {
        using var pace = new PeriodicTimer(EditPeriod);
        for (var number = 0; !stop.IsCancellationRequested; number = (number + 1) % Objects)
        {
            await EditAsync(number);
            await pace.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Edits an object.</summary>
    public async Task EditAsync(int number)
    {
        await _editing.WaitAsync();
        try
        {
            await EditOnceAsync(number, _edits[number] + 1);
            _edits[number]++;
        }
        finally
        {
            _editing.Release();
        }
    }

    private async Task EditOnceAsync(int number, int edit)
    {
        while (true)
        {
            try
            {
                await Api.PatchAsync(ECRRepository.Kind, _namespace, NameOf(number), new() { ["spec"] = new JsonObject { ["tags"] = new JsonObject { ["edit"] = $"{edit}" } } });
                return;
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidOperationException)
            {
                // The API server is away, or does not serve our kinds yet: a person would try again.
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Waits until every object says that its newest spec holds.</summary>
    public async Task UntilSyncedAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        var late = await LateAsync();
        while (late.Count > 0)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Deadline, $"{late.Count} objects are not served, such as {late[0]}");
            await Api.UntilAsync(ECRRepository.Kind, _namespace, (string)late[0]["metadata"]!["name"]!, value => value.IsSynced());
            late = await LateAsync();
        }
    }

    private async Task<IReadOnlyList<JsonObject>> LateAsync() => [.. (await Api.ListAsync(ECRRepository.Kind, _namespace)).Where(value => !value.IsSynced())];

    /// <summary>What AWS has is what was written last; nothing was deleted; and comparing it again writes nothing.</summary>
    public async Task AssertConvergedAsync()
    {
        await UntilSyncedAsync();
        var aws = _factory.Create(new StaticIdentity("test", "test", null), new("us-east-1", _ecr!.Url));
        var wrong = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, Objects), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, token) =>
        {
            var tags = await aws.Ecr.ListTagsForResourceAsync(new() { ResourceArn = $"arn:aws:ecr:us-east-1:000000000000:repository/{RepositoryOf(number)}" }, token);
            var edit = tags.Tags?.FirstOrDefault(tag => tag.Key == "edit")?.Value;
            if (edit != $"{_edits[number]}")
            {
                wrong.Add($"{NameOf(number)} has {edit}, not {_edits[number]}");
            }
        });
        Assert.Empty(wrong);
        Assert.Equal(0, _ecr.Calls("DeleteRepository"));

        var writes = _members.Sum(member => member.Aws.Log.Count(request => request.IsWrite));
        var token = Guid.NewGuid().ToString("N");
        int[] compared = [.. Enumerable.Range(0, 100).Select(_ => Random.Shared.Next(Objects)).Distinct()];
        foreach (var number in compared)
        {
            await Api.PatchAsync(ECRRepository.Kind, _namespace, NameOf(number), new() { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [ApiNames.ForceSyncAnnotation] = token } } });
        }

        foreach (var number in compared)
        {
            await Api.UntilAsync(ECRRepository.Kind, _namespace, NameOf(number), value => ((string?)value?["status"]?["lastHandledForceSync"])?.StartsWith(token, StringComparison.Ordinal) == true);
        }

        Assert.Equal(writes, _members.Sum(member => member.Aws.Log.Count(request => request.IsWrite)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _all)
        {
            await member.DisposeAsync();
        }

        _factory.Dispose();
        _editing.Dispose();
        _http?.Dispose();
        await (_ecr?.DisposeAsync() ?? default);
    }

    private static string NameOf(int number) => $"app-{number}";

    private string RepositoryOf(int number) => $"{_namespace}/app-{number}";
}
