using System.Text.Json.Nodes;

namespace InfraOperator.Conformance.Kubernetes;

/// <summary>What the operator and kubectl rely on when they read: lists, selectors, watches, tables, discovery; and the built-in kinds they use.</summary>
public abstract class ApiServerReadingConformance : ApiServerSuite
{
    private const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    [Fact]
    public async Task A_list_comes_in_pages_of_one_version()
    {
        var names = new[] { "a", "b", "c", "d", "e" };
        foreach (var name in names)
        {
            await CreateAsync(Widgets.Named(name));
        }

        var (read, token, versions) = (new List<string>(), "", new HashSet<string>());
        do
        {
            var page = (await SendAsync("GET", $"{Collection}?limit=2&continue={token}")).Expect(200);
            read.AddRange(page["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!));
            versions.Add(page.Text("metadata.resourceVersion")!);
            token = Uri.EscapeDataString(page.Text("metadata.continue") ?? "");

            // What happens meanwhile is not in this list, whatever its place in the order.
            await CreateAsync(Widgets.Named($"z{read.Count}"));
            await SendAsync("DELETE", $"{Collection}/e");
        }
        while (token.Length > 0);

        Assert.Equal(names, read);
        Assert.Single(versions);
        var exact = (await SendAsync("GET", $"{Collection}?resourceVersionMatch=Exact&resourceVersion={versions.Single()}")).Expect(200);
        Assert.Equal(names, exact["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!));
        (await SendAsync("GET", $"{Collection}?limit=2&continue=garbage")).Expect(400);
    }

    [Theory]
    [InlineData("labelSelector=n%3D1", "b")]
    [InlineData("labelSelector=n%3D%3D1", "b")]
    [InlineData("labelSelector=n!%3D1", "a,c")]
    [InlineData("labelSelector=n", "a,b,c")]
    [InlineData("labelSelector=!n", "")]
    [InlineData("labelSelector=n%20in%20(1,2),n%20notin%20(2)", "b")]
    [InlineData("fieldSelector=metadata.name%3Db", "b")]
    [InlineData("fieldSelector=metadata.name!%3Db", "a,c")]
    public async Task Selectors_choose(string selector, string expected)
    {
        foreach (var (name, index) in new[] { "a", "b", "c" }.Select((name, index) => (name, index)))
        {
            var widget = Widgets.Named(name);
            widget["metadata"]!["labels"] = new JsonObject { ["n"] = $"{index}" };
            await CreateAsync(widget);
        }

        var list = (await SendAsync("GET", $"{Collection}?{selector}")).Expect(200);

        Assert.Equal(expected, string.Join(',', list["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!)));
    }

    [Theory]
    [InlineData("fieldSelector=spec.name%3Done", 400)]
    [InlineData("labelSelector=a%20b%20c", 400)]
    [InlineData("resourceVersion=abc", 400)]
    [InlineData("resourceVersionMatch=Exact", 422)]
    [InlineData("watch=1&sendInitialEvents=true", 422)]
    public async Task A_list_that_cannot_be_is_refused(string query, int code) => (await SendAsync("GET", $"{Collection}?{query}")).Expect(code);

    [Fact]
    public async Task A_watch_tells_each_change_after_its_version_in_order()
    {
        var version = (await SendAsync("GET", Collection)).Text("metadata.resourceVersion");
        await CreateAsync(Widgets.Named("one"));
        await MergeAsync("one", """{"spec":{"count":1}}""");
        await MergeAsync("one/status", """{"status":{"count":1}}""");
        await SendAsync("DELETE", $"{Collection}/one");

        var events = await WatchAsync($"resourceVersion={version}&timeoutSeconds=30", seen => seen.Count == 4);

        Assert.Equal(["ADDED", "MODIFIED", "MODIFIED", "DELETED"], events.Select(item => item.Type));
        Assert.Equal(["1", "2", "2", "2"], events.Select(item => item.Object["metadata"]!["generation"]!.ToString()));
        var versions = events.Select(item => long.Parse((string)item.Object["metadata"]!["resourceVersion"]!)).ToList();
        Assert.Equal(versions.Order().Distinct(), versions);
        Assert.Equal("1", events[3].Object["status"]!["count"]!.ToString());
    }

    [Fact]
    public async Task A_watch_can_begin_with_the_state_and_says_where_it_ends()
    {
        await CreateAsync(Widgets.Named("a"));
        await CreateAsync(Widgets.Named("b"));

        var events = await WatchAsync("sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=30", seen => seen.Count == 3);

        Assert.Equal(["ADDED", "ADDED", "BOOKMARK"], events.Select(item => item.Type));
        Assert.Equal("true", (string?)events[2].Object["metadata"]!["annotations"]!["k8s.io/initial-events-end"]);
        var after = await WatchAsync($"resourceVersion={events[2].Object["metadata"]!["resourceVersion"]}&timeoutSeconds=1", _ => false);
        Assert.Empty(after);
    }

    [Fact]
    public async Task A_watch_with_a_selector_sees_objects_come_and_go()
    {
        var version = (await SendAsync("GET", Collection)).Text("metadata.resourceVersion");
        await CreateAsync(Widgets.Named("one"));
        await MergeAsync("one", """{"metadata":{"labels":{"on":"yes"}}}""");
        await MergeAsync("one", """{"spec":{"count":1}}""");
        await MergeAsync("one", """{"metadata":{"labels":{"on":"no"}}}""");

        var events = await WatchAsync($"resourceVersion={version}&labelSelector=on%3Dyes&timeoutSeconds=30", seen => seen.Count == 3);

        Assert.Equal(["ADDED", "MODIFIED", "DELETED"], events.Select(item => item.Type));
    }

    [Fact]
    public async Task A_watch_of_one_name_begins_with_that_object()
    {
        await CreateAsync(Widgets.Named("a"));
        await CreateAsync(Widgets.Named("b"));

        // This is what kubectl get NAME -w asks for, after it has read the object.
        var events = await WatchAsync("fieldSelector=metadata.name%3Db&resourceVersion=0&timeoutSeconds=1", _ => false);

        Assert.Equal([("ADDED", "b")], events.Select(item => (item.Type, (string)item.Object["metadata"]!["name"]!)));
    }

    [Fact]
    public async Task A_watch_from_before_the_history_is_told_so()
    {
        var (type, status) = Assert.Single(await WatchAsync("resourceVersion=1&timeoutSeconds=30", seen => seen.Count == 1));

        Assert.Equal("ERROR", type);
        Assert.Equal(("410", "Expired", "Status"), (status["code"]!.ToString(), (string?)status["reason"], (string?)status["kind"]));
    }

    [Fact]
    public async Task Tables_have_the_columns_of_the_definition()
    {
        await CreateAsync(Widgets.Named("one"));
        await MergeAsync("one/status", """{"status":{"count":3,"conditions":[{"type":"Other","status":"False"},{"type":"Ready","status":"True"}]}}""");

        var table = (await SendAsync("GET", Collection, accept: Table)).Expect(200);

        Assert.Equal("Table", table.Text("kind"));
        Assert.Equal(["Name:string:0", "Size:string:0", "Ready:string:0", "Count:integer:0", "Reason:string:1", "Age:date:0"],
            table["columnDefinitions"]!.AsArray().Select(column => $"{column!["name"]}:{column["type"]}:{column["priority"]}"));
        Assert.Matches("""^\["one","Small","True",3,null,"\d+s"\]$""", table["rows.0.cells"]!.ToJsonString());
        Assert.Equal("PartialObjectMetadata", table.Text("rows.0.object.kind"));

        var events = await WatchAsync("resourceVersion=0&timeoutSeconds=30", seen => seen.Count == 1, Table);
        Assert.Equal("one", (string?)events[0].Object["rows"]![0]!["cells"]![0]);
    }

    [Fact]
    public async Task Discovery_names_the_kind_and_OpenAPI_describes_it()
    {
        var resources = (await SendAsync("GET", Widgets.Resource)).Expect(200)["resources"]!.AsArray();
        var widget = resources.Single(item => (string?)item!["name"] == "widgets")!;
        Assert.Equal(("Widget", "widget", "wd", "gadgets"), ((string?)widget["kind"], (string?)widget["singularName"], (string?)widget["shortNames"]![0], (string?)widget["categories"]![0]));
        Assert.Contains(resources, item => (string?)item!["name"] == "widgets/status");
        Assert.Contains((await SendAsync("GET", "/apis"))["groups"]!.AsArray(), group => (string?)group!["name"] == "conformance.example.com");

        var index = (await SendAsync("GET", "/openapi/v3")).Expect(200)["paths"]!["apis/conformance.example.com/v1alpha1"]!;
        var schemas = (await SendAsync("GET", (string)index["serverRelativeURL"]!)).Expect(200)["components.schemas"]!.AsObject();
        var schema = schemas.Single(pair => pair.Value!["x-kubernetes-group-version-kind"]?[0]?["kind"]?.ToString() == "Widget").Value!;
        Assert.Equal("The name of the widget.", (string?)schema["properties"]!["spec"]!["properties"]!["name"]!["description"]);
        (await SendAsync("GET", $"{Widgets.Resource}/gadgets")).Expect(404);
        (await SendAsync("GET", "/version")).Expect(200);
        (await SendAsync("GET", "/healthz")).Expect(200);
    }

    [Fact]
    public async Task Objects_live_only_in_namespaces_that_exist_and_stay()
    {
        var elsewhere = $"{Widgets.Resource}/namespaces/{Namespace}-none/widgets";
        Assert.Equal($"namespaces \"{Namespace}-none\" not found", (await SendAsync("POST", elsewhere, Widgets.Named("x").ToJsonString())).Expect(404).Text("message"));

        var held = Widgets.Named("held");
        held["metadata"]!["finalizers"] = new JsonArray("a/b");
        await CreateAsync(held);
        await CreateAsync(Widgets.Named("free"));
        var version = (await SendAsync("GET", Collection)).Text("metadata.resourceVersion");
        var ended = (await SendAsync("DELETE", $"/api/v1/namespaces/{Namespace}")).Expect(200);
        Assert.Equal("Terminating", ended.Text("status.phase"));

        var events = await WatchAsync($"resourceVersion={version}&timeoutSeconds=30", seen => seen.Count == 2);
        Assert.Equal(["DELETED free", "MODIFIED held"], events.Select(item => $"{item.Type} {item.Object["metadata"]!["name"]}").Order());
        var refused = (await CreateAsync(Widgets.Named("late"))).Expect(403);
        Assert.Equal(("Forbidden", "NamespaceTerminating"), (refused.Text("reason"), refused.Text("details.causes.0.reason")));
        (await SendAsync("POST", $"/apis/events.k8s.io/v1/namespaces/{Namespace}/events", Event("late", Namespace))).Expect(403);
        (await MergeAsync("held", """{"metadata":{"finalizers":null}}""")).Expect(200);
    }

    [Fact]
    public async Task Secrets_turn_text_into_data()
    {
        var secrets = $"/api/v1/namespaces/{Namespace}/secrets";

        var created = (await SendAsync("POST", secrets, """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"stringData":{"a":"b"},"data":{"c":"ZA=="}}""")).Expect(201);
        Assert.Equal(("Yg==", "ZA==", "Opaque"), (created.Text("data.a"), created.Text("data.c"), created.Text("type")));
        Assert.Null(created["stringData"]);

        var patched = (await SendAsync("PATCH", $"{secrets}/s", """{"stringData":{"a":"new"}}""", "application/merge-patch+json")).Expect(200);
        Assert.Equal(("bmV3", "ZA=="), (patched.Text("data.a"), patched.Text("data.c")));
        patched = (await SendAsync("PATCH", $"{secrets}/s", """{"data":{"c":null}}""", "application/strategic-merge-patch+json")).Expect(200);
        Assert.Null(patched["data.c"]);
        (await SendAsync("POST", secrets, """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"t"},"data":{"c":"!!"}}""")).Expect(400);
        (await SendAsync("POST", secrets, """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"t"},"data":"x"}""")).Expect(400);
        (await SendAsync("POST", secrets, """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"t"},"stringData":{"a":5}}""")).Expect(400);
        (await SendAsync("GET", $"{secrets}/none")).Expect(404);
    }

    [Fact]
    public async Task Events_are_the_same_in_both_groups()
    {
        var newer = $"/apis/events.k8s.io/v1/namespaces/{Namespace}/events";
        var core = $"/api/v1/namespaces/{Namespace}/events";
        (await SendAsync("POST", newer, Event("e", Namespace))).Expect(201);

        var old = (await SendAsync("GET", $"{core}/e")).Expect(200);
        Assert.Equal(("v1", "one", "hello", "example.com/test"), (old.Text("apiVersion"), old.Text("involvedObject.name"), old.Text("message"), old.Text("reportingComponent")));

        var found = (await SendAsync("GET", $"{core}?fieldSelector=involvedObject.name%3Done,involvedObject.kind%3DWidget,involvedObject.namespace%3D{Namespace}")).Expect(200);
        Assert.Single(found["items"]!.AsArray());
        Assert.Empty((await SendAsync("GET", $"{core}?fieldSelector=involvedObject.name%3Dtwo")).Expect(200)["items"]!.AsArray());
        (await SendAsync("GET", $"{core}?fieldSelector=other%3Dtwo")).Expect(400);

        var repeated = (await SendAsync("PATCH", $"{newer}/e", """{"series":{"count":2,"lastObservedTime":"2026-01-01T00:01:00.000000Z"}}""", "application/merge-patch+json")).Expect(200);
        Assert.Equal("2", repeated.Text("series.count"));
        Assert.Equal("2", (await SendAsync("GET", $"{core}/e")).Text("series.count"));

        Assert.Contains("involvedObject.namespace: Invalid value: \"default\": does not match event.namespace", (await SendAsync("POST", newer, Event("f", "default"))).Expect(422).Text("message"));
        Assert.Contains("message: Invalid value: \"\": can have at most 1024 characters", (await SendAsync("POST", newer, Event("f", Namespace).Replace("hello", new string('x', 1025)))).Expect(422).Text("message"));
        Assert.Contains("action: Required value", (await SendAsync("POST", newer, Event("f", Namespace).Replace("\"Do\"", "\"\""))).Expect(422).Text("message"));
    }

    private static string Event(string name, string ns) => $$$"""
        {"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"{{{name}}}"},"eventTime":"2026-01-01T00:00:00.000000Z","reportingController":"example.com/test",
         "reportingInstance":"i","action":"Do","reason":"Tested","type":"Normal","note":"hello",
         "regarding":{"apiVersion":"conformance.example.com/v1alpha1","kind":"Widget","name":"one","namespace":"{{{ns}}}"}}
        """;
}
