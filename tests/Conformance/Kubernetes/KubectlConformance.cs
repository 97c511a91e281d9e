using System.Diagnostics;

namespace InfraOperator.Conformance.Kubernetes;

/// <summary>The kinds of kubectl commands that the documentation uses, by the kubectl of this machine.</summary>
public abstract class KubectlConformance : ApiServerSuite
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kubectl-");

    private const string Manifest = """
        apiVersion: conformance.example.com/v1alpha1
        kind: Widget
        metadata:
          name: one
        spec:
          owner:
            name: me
          name: one
        """;

    /// <summary>The path of a kubeconfig for the server.</summary>
    protected abstract string Kubeconfig { get; }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Apply_creates_then_changes_then_leaves_alone()
    {
        Assert.Equal("widget.conformance.example.com/one created\n", await KubectlAsync("apply -f -", Manifest));
        Assert.Equal("widget.conformance.example.com/one configured\n", await KubectlAsync("apply -f -", Manifest + "\n  count: 2"));
        Assert.Equal("widget.conformance.example.com/one unchanged\n", await KubectlAsync("apply -f -", Manifest + "\n  count: 2"));
        Assert.Equal("widget.conformance.example.com/one configured\n", await KubectlAsync("apply -f -", Manifest));
        Assert.Equal("", await KubectlAsync("get widget one -o jsonpath={.spec.count}"));

        Assert.Contains("unknown field \"spec.colour\"", await KubectlAsync("apply -f -", Manifest + "\n  colour: red", fails: true));
        Assert.Contains("spec.count: Invalid value: 9: spec.count in body should be less than or equal to 5", await KubectlAsync("apply -f -", Manifest + "\n  count: 9", fails: true));
    }

    [Fact]
    public async Task Get_shows_the_columns_by_any_name_of_the_kind()
    {
        await KubectlAsync("apply -f -", Manifest);

        foreach (var name in new[] { "widgets", "widget", "wd", "gadgets", "widgets.conformance.example.com", "wd one", "widget/one" })
        {
            Assert.Matches(@"^NAME\s+SIZE\s+READY\s+COUNT\s+AGE\s*\none\s+Small\s+Unknown\s+\S+\s*\n$", await KubectlAsync($"get {name}"));
        }

        Assert.Matches(@"^NAME\s+SIZE\s+READY\s+COUNT\s+REASON\s+AGE\s*\none\s+Small\s+Unknown\s+Pending\s+\S+\s*\n$", await KubectlAsync("get wd -o wide"));
        Assert.Contains("reason: Pending", await KubectlAsync("get widget one -o yaml"));
        Assert.Equal("Pending", await KubectlAsync("get widget one -o jsonpath={.status.conditions[0].reason}"));
        Assert.Contains("(NotFound): widgets.conformance.example.com \"none\" not found", await KubectlAsync("get widget none", fails: true));
    }

    [Fact]
    public async Task Describe_shows_the_events()
    {
        await KubectlAsync("apply -f -", Manifest);
        (await SendAsync("POST", $"/apis/events.k8s.io/v1/namespaces/{Namespace}/events", $$$"""
            {"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"e"},"eventTime":"2026-01-01T00:00:00.000000Z","reportingController":"example.com/test",
             "reportingInstance":"i","action":"Do","reason":"Tested","type":"Normal","note":"it was tested",
             "regarding":{"apiVersion":"conformance.example.com/v1alpha1","kind":"Widget","name":"one","namespace":"{{{Namespace}}}","uid":"{{{(await GetAsync("one")).Text("metadata.uid")}}}"}}
            """)).Expect(201);

        var described = await KubectlAsync("describe widget one");

        Assert.Matches(@"Events:\s*\n\s+Type\s+Reason\s+Age\s+From\s+Message\s*\n.*\n\s+Normal\s+Tested\s+.*example.com/test\s+it was tested", described);
    }

    [Fact]
    public async Task Edits_of_all_kinds_are_taken()
    {
        await KubectlAsync("apply -f -", Manifest);

        Assert.Equal("widget.conformance.example.com/one patched\n", await KubectlAsync("patch widget one --type merge -p {\"spec\":{\"size\":\"Large\"}}"));
        Assert.Equal("widget.conformance.example.com/one patched\n", await KubectlAsync("patch widget one --type json -p [{\"op\":\"add\",\"path\":\"/spec/count\",\"value\":3}]"));
        Assert.Equal("widget.conformance.example.com/one annotated\n", await KubectlAsync("annotate widget one force-sync=1 --overwrite"));
        Assert.Equal("widget.conformance.example.com/one labeled\n", await KubectlAsync("label widget one tier=gold"));
        Assert.Equal("widget.conformance.example.com/one patched\n", await KubectlAsync("patch widget one --subresource status --type merge -p {\"status\":{\"count\":5}}"));
        Assert.Equal("3 Large 1 gold 5", await KubectlAsync("get widget one -o jsonpath={.spec.count}{\"\\u0020\"}{.spec.size}{\"\\u0020\"}{.metadata.annotations.force-sync}{\"\\u0020\"}{.metadata.labels.tier}{\"\\u0020\"}{.status.count}"));
        Assert.Contains("Warning: unknown field \"spec.colour\"", await KubectlAsync("patch widget one --type merge -p {\"spec\":{\"colour\":\"red\"}}", withErrors: true));
        Assert.Equal("widget.conformance.example.com/one replaced\n", await KubectlAsync("replace -f -", Manifest));
        Assert.Equal("5", await KubectlAsync("get widget one -o jsonpath={.spec.count}{.status.count}"));
    }

    [Fact]
    public async Task Delete_waits_for_finalizers()
    {
        await KubectlAsync("apply -f -", Manifest);
        await KubectlAsync("patch widget one --type merge -p {\"metadata\":{\"finalizers\":[\"a/b\"]}}");

        await KubectlAsync("delete widget one --wait=false");
        Assert.NotEqual("", await KubectlAsync("get widget one -o jsonpath={.metadata.deletionTimestamp}"));
        var waiting = KubectlAsync("wait --for=delete widget/one --timeout=60s");
        (await MergeAsync("one", """{"metadata":{"finalizers":null}}""")).Expect(200);
        await waiting;
        await KubectlAsync("get widget one", fails: true);
    }

    [Fact]
    public async Task A_watch_shows_each_change_as_a_row()
    {
        await KubectlAsync("apply -f -", Manifest);
        using var watch = Start("get widgets -w");
        Assert.Contains("NAME", await watch.StandardOutput.ReadLineAsync(Cancelled));
        Assert.Contains("Unknown", await watch.StandardOutput.ReadLineAsync(Cancelled));

        (await MergeAsync("one/status", """{"status":{"count":2,"conditions":[{"type":"Ready","status":"True"}]}}""")).Expect(200);

        Assert.Matches(@"^one\s+Small\s+True\s+2\s+\S+\s*$", await watch.StandardOutput.ReadLineAsync(Cancelled));
        watch.Kill();
    }

    [Fact]
    public async Task Explain_and_api_resources_know_the_kind()
    {
        Assert.Contains("The name of the widget.", await KubectlAsync("explain widget.spec.name"));
        Assert.Matches(@"widgets\s+wd\s+conformance.example.com/v1alpha1\s+true\s+Widget", await KubectlAsync("api-resources --api-group=conformance.example.com"));
    }

    [Fact]
    public async Task Namespaces_and_secrets_are_created_by_command()
    {
        Assert.Equal($"namespace/{Namespace}-b created\n", await KubectlAsync($"create namespace {Namespace}-b"));
        Assert.Equal("secret/keys created\n", await KubectlAsync("create secret generic keys --from-literal=access-key-id=test"));
        Assert.Equal("dGVzdA==", await KubectlAsync("get secret keys -o jsonpath={.data.access-key-id}"));
        Assert.Contains("deleted", await KubectlAsync($"delete namespace {Namespace}-b"));
    }

    /// <summary>Runs kubectl; words of the command are separated by single spaces.</summary>
    /// <returns>What it printed; with <paramref name="withErrors"/> its error output too, which alone counts where it <paramref name="fails"/>.</returns>
    protected async Task<string> KubectlAsync(string command, string input = "", bool fails = false, bool withErrors = false)
    {
        using var process = Start(command);
        await process.StandardInput.WriteAsync(input.AsMemory(), Cancelled);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(Cancelled);
        var errors = process.StandardError.ReadToEndAsync(Cancelled);
        await process.WaitForExitAsync(Cancelled);
        Assert.True(fails == (process.ExitCode != 0), $"kubectl {command} ended with {process.ExitCode}: {await errors}");
        return fails ? await errors : withErrors ? await output + await errors : await output;
    }

    private Process Start(string command)
    {
        var start = new ProcessStartInfo("kubectl", [$"--kubeconfig={Kubeconfig}", $"--namespace={Namespace}", $"--cache-dir={_folder.FullName}", .. command.Split(' ')])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException("kubectl did not start.");
    }
}
