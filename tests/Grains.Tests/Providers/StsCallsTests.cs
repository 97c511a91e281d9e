using System.Net.Http.Json;
using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Aws;
using InfraOperator.Grains.Providers;
using InfraOperator.Grains.Tests.Pace;
using InfraOperator.Kubernetes;
using InfraOperator.Sandbox.Ecr;
using InfraOperator.Sandbox.Kubernetes;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Grains.Tests.Providers;

/// <summary>What a provider asks of STS depends on the time and on nothing else.</summary>
public sealed class StsCallsTests : IAsyncLifetime
{
    private const int Hours = 6;
    private const int MostAnHour = 4;
    private const string Nobody = "nobody";
    private const string Role = "arn:aws:iam::111122223333:role/images";

    /// <summary>Only a hang takes this long.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    private static readonly string[] Sts = ["GetCallerIdentity", "AssumeRole", "AssumeRoleWithWebIdentity"];

    private readonly SetTime _time = new();
    private readonly string _token = Path.GetTempFileName();
    private readonly AwsClientFactory _aws;
    private SandboxApiServer _kubernetes = null!;
    private SandboxEcr _ecr = null!;

    public StsCallsTests() => _aws = new(_time, NullLoggerFactory.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, int> Providers
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var identity in (string[])["keys", "web identity", "role on keys", "role on web identity"])
            {
                data.Add(identity, 1);
                data.Add(identity, 25);
            }

            return data;
        }
    }

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_token, "head.body.signature", Cancel);
        _kubernetes = await SandboxApiServer.StartAsync(new(), Cancel);
        _ecr = await SandboxEcr.StartAsync(new() { TimeProvider = _time }, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        _aws.Dispose();
        await _ecr.DisposeAsync();
        await _kubernetes.DisposeAsync();
        File.Delete(_token);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_provider_asks_STS_four_times_an_hour_at_most_however_many_repositories_it_has(string identity, int repositories)
    {
        var provider = new AWSProvider { Metadata = new() { Name = "aws", Namespace = "team", Uid = "uid", Generation = 1 }, Spec = SpecOf(identity) };
        await CreateSecretAsync();
        var options = new OperatorOptions { WebIdentityTokenFile = _token, AwsEndpointUrl = _ecr.Url };
        using var api = new KubernetesApi(new KubernetesClientConfiguration { Host = _kubernetes.Url.AbsoluteUri }, TimeProvider.System, NullLoggerFactory.Instance);
        var name = new ResourceKey("cluster", "team", "aws");
        var proof = new IdentityProof(name, api, _aws, new([]), _ => TestPace.Unlimited(name), options, _time);

        // As the provider's grain does, and each of its repositories beside it.
        var (sessions, key) = (0, "");
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromHours(Hours); passed += options.ProviderRefreshPeriod)
        {
            Assert.True((await proof.ProveAsync(provider, Cancel)).IsReady);
            var observed = await Task.WhenAll(Enumerable.Range(0, repositories).Select(number => proof.Calls!.TryDescribeImagesAsync($"app-{number}", Cancel))).WaitAsync(Hang, Cancel);
            Assert.All(observed, failure => Assert.Equal(FailureKind.RepositoryNotFound, failure!.Kind));
            (sessions, key) = await RenewedAsync(proof.Calls!, sessions, key).WaitAsync(Hang, Cancel);
            await _time.AdvanceAsync(options.ProviderRefreshPeriod);
        }

        var asked = _ecr.Log.Where(call => Sts.Contains(call.Operation)).ToArray();
        Assert.InRange(asked.Length, Hours, MostAnHour * Hours);
        Assert.Equal(repositories * Hours * 12, _ecr.Log.Count(call => call.Operation == "DescribeImages" && call.Repository != Nobody));

        // None is asked for a session that another is there for: each lasts three quarters of an hour at least.
        Assert.All(asked.GroupBy(call => call.Operation), calls => Assert.All(calls.Zip(calls.Skip(1)), pair => Assert.True(pair.Second.At - pair.First.At >= TimeSpan.FromMinutes(45))));
    }

    // Calls go by the old session until a renewal has come to its end, and the last of that is seen by nothing but the calls that go by the new one.
    private async Task<(int Sessions, string Key)> RenewedAsync(EcrCalls calls, int sessions, string key)
    {
        await _time.NothingIsUnderWayAsync();
        var begun = _ecr.Calls("AssumeRole") is > 0 and var roles ? roles : _ecr.Calls("AssumeRoleWithWebIdentity");
        while (begun > sessions && KeyOfLastCall() == key)
        {
            await calls.TryDescribeImagesAsync(Nobody, Cancel);
        }

        return (begun, KeyOfLastCall());
    }

    private string KeyOfLastCall() => _ecr.Log.Last(call => call.Operation == "DescribeImages").AccessKeyId;

    private static AWSProviderSpec SpecOf(string identity)
    {
        var spec = new AWSProviderSpec { Region = "us-east-1" };
        return identity switch
        {
            "keys" => spec with { CredentialsSecret = new() { Name = "keys" } },
            "web identity" => spec with { RoleARN = Role },
            "role on keys" => spec with { CredentialsSecret = new() { Name = "keys" }, AssumeRoleARN = Role },
            _ => spec with { RoleARN = "arn:aws:iam::111122223333:role/base", AssumeRoleARN = Role },
        };
    }

    private async Task CreateSecretAsync()
    {
        using var http = new HttpClient { BaseAddress = _kubernetes.Url };
        await CreateAsync("api/v1/namespaces", new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = "team" } });
        await CreateAsync("api/v1/namespaces/team/secrets", new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = "keys", ["namespace"] = "team" },
            ["data"] = new JsonObject { ["AWS_ACCESS_KEY_ID"] = Convert.ToBase64String("AKIAIOSFODNN7EXAMPLE"u8), ["AWS_SECRET_ACCESS_KEY"] = Convert.ToBase64String("secret"u8) },
        });

        async Task CreateAsync(string path, JsonObject value) => (await http.PostAsJsonAsync(path, value, Cancel)).EnsureSuccessStatusCode();
    }

    /// <summary>
    /// A clock that only the test moves, and only when nothing is under way: each call and each renewal of a session, for which no call waits,
    /// begins with a deadline and drops it at its end. None is ever reached, since how long things take is a matter of the machine.
    /// </summary>
    private sealed class SetTime : TimeProvider
    {
        private readonly DateTimeOffset _start = DateTimeOffset.UtcNow;
        private readonly Lock _gate = new();
        private TaskCompletionSource? _underWay;
        private int _deadlines;
        private long _passed;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _passed);

        public override DateTimeOffset GetUtcNow() => _start + TimeSpan.FromTicks(GetTimestamp());

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            lock (_gate)
            {
                _deadlines++;
                _underWay ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return new Deadline(this);
        }

        public Task NothingIsUnderWayAsync()
        {
            lock (_gate)
            {
                return _underWay?.Task ?? Task.CompletedTask;
            }
        }

        public async Task AdvanceAsync(TimeSpan step)
        {
            await NothingIsUnderWayAsync().WaitAsync(Hang, Cancel);
            Interlocked.Add(ref _passed, step.Ticks);
        }

        private void Drop()
        {
            lock (_gate)
            {
                if (--_deadlines == 0)
                {
                    _underWay!.SetResult();
                    _underWay = null;
                }
            }
        }

        private sealed class Deadline(SetTime time) : ITimer
        {
            private int _isDropped;

            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
                if (Interlocked.Exchange(ref _isDropped, 1) == 0)
                {
                    time.Drop();
                }
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
