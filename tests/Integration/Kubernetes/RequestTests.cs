using System.Text.Json.Nodes;
using InfraOperator.Kubernetes;
using k8s;
using k8s.Models;

namespace InfraOperator.Integration.Kubernetes;

/// <summary>Reads and conditional writes against the real API server, and what it means when it refuses.</summary>
public class RequestTests(Widgets widgets) : IClassFixture<Widgets>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_status_is_changed_key_by_key_and_foreign_keys_survive()
    {
        var ns = await widgets.CreateNamespaceAsync();
        var widget = await widgets.CreateAsync(ns, "a");
        var first = await PatchStatusAsync(widget, null, new JsonObject { ["ready"] = false, ["message"] = "wait", ["later/version"] = 7 });
        Assert.True(JsonNode.DeepEquals(first.Status, JsonNode.Parse("""{"ready":false,"message":"wait","later/version":7}""")));
        Assert.NotEqual(widget.Metadata.ResourceVersion, first.Metadata.ResourceVersion);

        var second = await PatchStatusAsync(widget, new JsonObject { ["ready"] = false, ["message"] = "wait" }, new JsonObject { ["ready"] = true });

        Assert.True(JsonNode.DeepEquals(second.Status, JsonNode.Parse("""{"ready":true,"later/version":7}""")));
    }

    [Fact]
    public async Task A_status_never_reaches_another_object_of_that_name()
    {
        var ns = await widgets.CreateNamespaceAsync();
        var widget = await widgets.CreateAsync(ns, "a");
        await widgets.DeleteAsync(ns, "a");
        await widgets.CreateAsync(ns, "a");

        var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => PatchStatusAsync(widget, null, new JsonObject { ["ready"] = true }));

        Assert.Equal((KubernetesFailure.PreconditionFailed, 422), (exception.Failure, (int)exception.Status!));
        Assert.Null((await widgets.GetAsync(ns, "a")).Status);
    }

    [Fact]
    public async Task A_status_that_the_schema_refuses_is_invalid_and_the_field_is_named()
    {
        var ns = await widgets.CreateNamespaceAsync();
        var widget = await widgets.CreateAsync(ns, "a");

        var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => PatchStatusAsync(widget, null, new JsonObject { ["ready"] = "yes" }));

        Assert.Equal(KubernetesFailure.Invalid, exception.Failure);
        Assert.StartsWith($"cannot patch widgets/status.{widgets.Kind.Group} \"{ns}/a\": invalid: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("status.ready", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Finalizers_of_many_writers_all_survive()
    {
        var ns = await widgets.CreateNamespaceAsync();
        await widgets.CreateAsync(ns, "a", finalizers: "example.com/first");
        var refused = 0;

        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => ChangeAsync(widget => FinalizerPatch.Add(widget.Metadata.Uid, widget.Metadata.Finalizers ?? [], $"example.com/writer-{i}"))));
        var added = (await widgets.GetAsync(ns, "a")).Metadata.Finalizers!;
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => ChangeAsync(widget => FinalizerPatch.Remove(widget.Metadata.Uid, widget.Metadata.Finalizers ?? [], $"example.com/writer-{i}"))));

        Assert.Equal(Enumerable.Range(0, 12).Select(i => $"example.com/writer-{i}").Append("example.com/first").Order(), added.Order());
        Assert.Equal(["example.com/first"], (await widgets.GetAsync(ns, "a")).Metadata.Finalizers!);
        Assert.True(refused > 0, "Nobody was ever too late: this was no race.");

        async Task ChangeAsync(Func<Widget, JsonPatch?> change)
        {
            while (change(await widgets.GetAsync(ns, "a")) is { } patch)
            {
                try
                {
                    await widgets.Api.PatchAsync(widgets.Kind, ns, "a", null, patch, WidgetJson.Default.Widget, Cancellation);
                }
                catch (KubernetesApiException exception) when (exception.Failure is KubernetesFailure.PreconditionFailed or KubernetesFailure.Conflict)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        }
    }

    [Fact]
    public async Task The_first_finalizer_of_an_object_is_added_and_the_last_removed()
    {
        var ns = await widgets.CreateNamespaceAsync();
        var widget = await widgets.CreateAsync(ns, "a");
        var add = FinalizerPatch.Add(widget.Metadata.Uid, [], "example.com/ours")!;
        var held = await widgets.Api.PatchAsync(widgets.Kind, ns, "a", null, add, WidgetJson.Default.Widget, Cancellation);
        Assert.Equal(["example.com/ours"], held.Metadata.Finalizers!);

        var late = await Assert.ThrowsAsync<KubernetesApiException>(() => widgets.Api.PatchAsync(widgets.Kind, ns, "a", null, add, WidgetJson.Default.Widget, Cancellation));
        Assert.Equal(KubernetesFailure.PreconditionFailed, late.Failure);

        var remove = FinalizerPatch.Remove(widget.Metadata.Uid, held.Metadata.Finalizers!, "example.com/ours")!;
        Assert.Null((await widgets.Api.PatchAsync(widgets.Kind, ns, "a", null, remove, WidgetJson.Default.Widget, Cancellation)).Metadata.Finalizers);
    }

    [Fact]
    public async Task A_finalizer_that_comes_after_the_deletion_is_too_late()
    {
        var ns = await widgets.CreateNamespaceAsync();
        var widget = await widgets.CreateAsync(ns, "a", finalizers: "example.com/theirs");
        await widgets.DeleteAsync(ns, "a");

        var add = FinalizerPatch.Add(widget.Metadata.Uid, widget.Metadata.Finalizers!, "example.com/ours")!;
        var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => widgets.Api.PatchAsync(widgets.Kind, ns, "a", null, add, WidgetJson.Default.Widget, Cancellation));

        Assert.Equal(KubernetesFailure.PreconditionFailed, exception.Failure);
    }

    [Fact]
    public async Task What_is_not_there_is_not_found_and_of_what_is_not_served_nothing_is_known()
    {
        var ns = await widgets.CreateNamespaceAsync();
        var absent = await Assert.ThrowsAsync<KubernetesApiException>(() => widgets.GetAsync(ns, "absent"));
        var unserved = await Assert.ThrowsAsync<KubernetesApiException>(() =>
            widgets.Api.GetAsync(widgets.Kind with { Group = "absent.example.com" }, ns, "a", WidgetJson.Default.Widget, Cancellation));

        Assert.Equal(KubernetesFailure.NotFound, absent.Failure);
        Assert.Contains("\"absent\" not found", absent.Message, StringComparison.Ordinal);
        Assert.Equal(KubernetesFailure.Unavailable, unserved.Failure);
    }

    [Fact]
    public async Task A_secret_is_read_as_bytes()
    {
        var ns = await widgets.CreateNamespaceAsync();
        var secret = new V1Secret { Metadata = new V1ObjectMeta { Name = "keys" }, Data = new Dictionary<string, byte[]> { ["id"] = [0, 255, 7] } };
        await widgets.Client.CoreV1.CreateNamespacedSecretAsync(secret, ns, cancellationToken: Cancellation);

        Assert.Equal([0, 255, 7], (await widgets.Api.GetSecretAsync(ns, "keys", Cancellation))["id"]);
    }

    private Task<Widget> PatchStatusAsync(Widget widget, JsonObject? before, JsonObject after) =>
        widgets.Api.PatchAsync(
            widgets.Kind,
            widget.Metadata.Namespace,
            widget.Metadata.Name,
            "status",
            StatusPatch.Between(widget.Metadata.Uid, before, after)!,
            WidgetJson.Default.Widget,
            Cancellation);
}
