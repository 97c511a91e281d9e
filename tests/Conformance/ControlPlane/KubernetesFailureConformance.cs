using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>Whatever the API server answers, AWS is written to once, and what was done is told in the end.</summary>
public abstract class KubernetesFailureConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    private const string Status = "patch ecrrepositories/status";
    private const string Finalizer = "patch ecrrepositories";

    /// <summary>What goes wrong, and with which patch.</summary>
    public static TheoryData<string, string> Refusals
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var operation in (string[])[Finalizer, Status])
            {
                foreach (var refusal in (string[])["conflict", "test failed", "too many requests", "server error", "reset before", "reset after"])
                {
                    all.Add(operation, refusal);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_patch_that_fails_twice_is_made_in_the_end(string operation, string refusal)
    {
        var interference = refusal switch
        {
            "conflict" => Interference.KubernetesError(409, "Conflict"),
            "test failed" => Interference.KubernetesError(422, "Invalid", "the server rejected our request due to an error in our request"),
            "too many requests" => Interference.KubernetesError(429, "TooManyRequests", retryAfter: "1"),
            "server error" => Interference.KubernetesError(500, "InternalError"),
            "reset before" => new() { DropBefore = true },
            _ => new() { DropAfter = true },
        };
        using (InterfereWithKubernetes("app", operation, interference, 2))
        {
            var synced = await CreateSyncedAsync("app", new() { ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen } });
            Assert.Equal(Origins.Created, (string?)synced["status"]!["origin"]);
            Assert.Equal([ApiNames.Finalizer], synced.Finalizers());
        }

        Assert.Single(AwsWrites("app"), "PutLifecyclePolicy");
        using (InterfereWithKubernetes("app", operation, interference, 2))
        {
            await DeleteAsync("app");
            await UntilGoneAsync("app");
        }

        Assert.Null(await FindInAwsAsync("app"));
    }

    [Fact]
    public async Task A_forbidden_finalizer_keeps_AWS_untouched_and_is_told_by_verb_and_resource()
    {
        using (InterfereWithKubernetes("app", Finalizer, Forbidden("patch", "ecrrepositories")))
        {
            await CreateRepositoryAsync("app");
            var told = await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.KubernetesForbidden);
            Assert.Contains("patch", told.Message());
            Assert.Contains($"ecrrepositories.{ApiNames.Group}", told.Message());
            Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Stalled)!.Value.Status);
            Assert.Empty(AwsCalls("app"));
        }

        await UntilSyncedAsync("app");
    }

    [Fact]
    public async Task A_forbidden_status_is_logged_by_verb_and_resource_and_makes_no_second_repository()
    {
        using (InterfereWithKubernetes("app", Status, Forbidden("patch", "ecrrepositories/status")))
        {
            await CreateRepositoryAsync("app");
            await Environment.Kubernetes.UntilAsync(request => request.Namespace == Namespace && request.Operation == Status, 4).WaitAsync(KubernetesObjects.Deadline, Cancel);
            Assert.Contains(Environment.Log.Lines, line => line.Contains($"{Namespace}/app", StringComparison.Ordinal) && line.Contains("patch", StringComparison.Ordinal) && line.Contains("ecrrepositories/status", StringComparison.Ordinal));
        }

        var synced = await UntilSyncedAsync("app");
        Assert.Equal(Origins.Created, (string?)synced["status"]!["origin"]);
    }

    [Fact]
    public async Task A_status_that_the_server_refuses_is_no_hot_loop()
    {
        using (InterfereWithKubernetes("app", Status, Interference.KubernetesError(422, "Invalid", "status.message: Too long", details: new()
        {
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = "FieldValueTooLong", ["message"] = "Too long", ["field"] = "status.message" }),
        })))
        {
            await CreateRepositoryAsync("app");
            await AssertPacedAsync(request => request.Namespace == Namespace && request.Operation == Status);
        }

        await UntilSyncedAsync("app");
    }

    [Fact]
    public async Task Told_to_come_back_at_once_it_paces_itself()
    {
        using (InterfereWithKubernetes("app", Finalizer, Interference.KubernetesError(429, "TooManyRequests", retryAfter: "0")))
        {
            await CreateRepositoryAsync("app");
            await AssertPacedAsync(request => request.Namespace == Namespace && request.Operation == Finalizer);
        }

        await UntilSyncedAsync("app");
    }

    [Fact]
    public async Task Conflicts_without_end_are_paced()
    {
        using (InterfereWithKubernetes("app", Finalizer, Interference.KubernetesError(409, "Conflict")))
        {
            await CreateRepositoryAsync("app");
            await AssertPacedAsync(request => request.Namespace == Namespace && request.Operation == Finalizer);
        }

        await UntilSyncedAsync("app");
    }

    [Fact]
    public async Task Conflicts_of_a_provider_without_end_are_paced()
    {
        bool IsTry(RecordedRequest request) => request.Namespace == Namespace && request.Name == "contested" && request.Operation == "patch awsproviders/status";
        using (InterfereWithKubernetes("contested", "patch awsproviders/status", Interference.KubernetesError(409, "Conflict")))
        {
            await CreateProviderAsync("contested", StaticKeys());
            await AssertPacedAsync(IsTry);
        }

        await UntilReasonAsync("contested", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind);
    }

    [Fact]
    public async Task A_conflict_that_cannot_be_looked_into_is_tried_again()
    {
        using (InterfereWithKubernetes("contested", "patch awsproviders/status", Interference.KubernetesError(409, "Conflict"), 1))
        using (InterfereWithKubernetes("contested", "get awsproviders", Interference.KubernetesError(500, "InternalError"), 1))
        {
            await CreateProviderAsync("contested", StaticKeys());
            await UntilReasonAsync("contested", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind);
        }
    }

    [Fact]
    public async Task Retry_After_is_waited_for()
    {
        using (InterfereWithKubernetes("app", Status, Interference.KubernetesError(429, "TooManyRequests", retryAfter: "2"), 1))
        {
            var started = TimeProvider.System.GetTimestamp();
            await CreateSyncedAsync("app");
            Assert.True(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromSeconds(2));
        }
    }

    [Theory]
    [InlineData(403, "Forbidden")]
    [InlineData(500, "InternalError")]
    public async Task An_event_that_cannot_be_recorded_stops_nothing(int code, string reason)
    {
        using (InterfereWithKubernetes("app", "create events", Interference.KubernetesError(code, reason)))
        {
            await CreateSyncedAsync("app");
        }
    }

    [Theory]
    [InlineData(403, "Forbidden")]
    [InlineData(500, "InternalError")]
    public async Task A_Secret_that_cannot_be_read_is_told_and_read_again(int code, string reason)
    {
        await CreateSecretAsync("sealed");
        using (InterfereWithKubernetes("sealed", "get secrets", Interference.KubernetesError(code, reason, "secrets \"sealed\": no")))
        {
            await CreateProviderAsync("sealed", StaticKeys("sealed"));
            await CreateRepositoryAsync("app", new() { ["providerRef"] = new JsonObject { ["name"] = "sealed" } });
            await UntilAsync("sealed", value => value.Condition(ConditionTypes.Ready)?.Status == ConditionStatus.False && value.Message()!.Contains("secrets", StringComparison.Ordinal), AWSProvider.Kind);
        }

        await UntilSyncedAsync("app");
    }

    [Theory]
    [InlineData("patch awsproviders")]
    [InlineData("patch awsproviders/status")]
    public async Task A_forbidden_patch_of_a_provider_is_logged_and_heals(string operation)
    {
        using (InterfereWithKubernetes("bound", operation, Forbidden("patch", operation[6..])))
        {
            await CreateProviderAsync("bound", StaticKeys());
            await Environment.Kubernetes.UntilAsync(request => request.Namespace == Namespace && request.Name == "bound" && request.Operation == operation, 3).WaitAsync(KubernetesObjects.Deadline, Cancel);
            Assert.Contains(Environment.Log.Lines, line => line.Contains($"{Namespace}/bound", StringComparison.Ordinal) && line.Contains(operation[6..].Split('/')[0], StringComparison.Ordinal));
        }

        await UntilReasonAsync("bound", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind);
    }

    [Fact]
    public async Task A_provider_that_cannot_be_read_is_unknown_not_absent()
    {
        using (InterfereWithKubernetes("hidden", "get awsproviders", Interference.KubernetesError(500, "InternalError")))
        {
            await CreateRepositoryAsync("app", new() { ["providerRef"] = new JsonObject { ["name"] = "hidden" } });
            await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.ProviderNotReady);
        }

        await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.ProviderNotFound);
        await CreateProviderAsync("hidden", StaticKeys());
        await UntilSyncedAsync("app");
    }

    private static Interference Forbidden(string verb, string resource) =>
        Interference.KubernetesError(403, "Forbidden", $"{resource.Split('/')[0]}.{ApiNames.Group} \"app\" is forbidden: User \"operator\" cannot {verb} resource \"{resource}\" in API group \"{ApiNames.Group}\"");

    /// <summary>Six tries take at least as long as the shortest waits between them: 50, 100, 200, 400 and 500 ms, the first of which may be none.</summary>
    private async Task AssertPacedAsync(Func<RecordedRequest, bool> tries)
    {
        await Environment.Kubernetes.UntilAsync(tries).WaitAsync(KubernetesObjects.Deadline, Cancel);
        var started = TimeProvider.System.GetTimestamp();
        await Environment.Kubernetes.UntilAsync(tries, 6).WaitAsync(KubernetesObjects.Deadline, Cancel);
        Assert.True(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(700), $"six tries within {TimeProvider.System.GetElapsedTime(started).TotalMilliseconds:0} ms");
    }
}
