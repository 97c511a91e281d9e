using System.Text.Json.Nodes;

namespace InfraOperator.Conformance.Kubernetes;

/// <summary>What the operator and kubectl rely on when they write objects. Every server has to pass it; where the sandbox and the real server differ, the sandbox is wrong.</summary>
public abstract class ApiServerConformance : ApiServerSuite
{
    [Fact]
    public async Task Create_fills_in_defaults_and_drops_the_given_status()
    {
        var widget = Widgets.Named("one", """{"filters":[{"filter":"a"}]}""");
        widget["status"] = new JsonObject { ["count"] = 4 };

        var created = (await CreateAsync(widget)).Expect(201);

        Assert.Equal("Small", created.Text("spec.size"));
        Assert.Equal("WILDCARD", created.Text("spec.filters.0.filterType"));
        Assert.Equal("1", created.Text("metadata.generation"));
        Assert.NotNull(created.Text("metadata.uid"));
        Assert.Null(created["status.count"]);
        Assert.Equal("Pending", created.Text("status.conditions.0.reason"));
        Assert.Equal(created.Text("metadata.resourceVersion"), (await GetAsync("one")).Text("metadata.resourceVersion"));
        Assert.Equal("Pending", (await GetAsync("one")).Text("status.conditions.0.reason"));
    }

    [Fact]
    public async Task Create_of_a_name_that_exists_is_refused()
    {
        (await CreateAsync(Widgets.Named("one"))).Expect(201);
        var again = (await CreateAsync(Widgets.Named("one"))).Expect(409);

        Assert.Equal("AlreadyExists", again.Text("reason"));
        Assert.Equal("widgets.conformance.example.com \"one\" already exists", again.Text("message"));
    }

    [Theory]
    [InlineData("""{"size":"XL"}""", "spec.size", "FieldValueNotSupported", "Unsupported value: \"XL\": supported values: \"Small\", \"Large\"")]
    [InlineData("""{"count":"1"}""", "spec.count", "FieldValueTypeInvalid", "Invalid value: \"string\": spec.count in body must be of type integer: \"string\"")]
    [InlineData("""{"count":0}""", "spec.count", "FieldValueInvalid", "Invalid value: 0: spec.count in body should be greater than or equal to 1")]
    [InlineData("""{"count":9}""", "spec.count", "FieldValueInvalid", "Invalid value: 9: spec.count in body should be less than or equal to 5")]
    [InlineData("""{"ratio":0.7}""", "spec.ratio", "FieldValueInvalid", "Invalid value: 0.7: spec.ratio in body should be a multiple of 0.5")]
    [InlineData("""{"enabled":"x"}""", "spec.enabled", "FieldValueTypeInvalid", "Invalid value: \"string\": spec.enabled in body must be of type boolean: \"string\"")]
    [InlineData("""{"at":"y"}""", "spec.at", "FieldValueTypeInvalid", "Invalid value: \"y\": spec.at in body must be of type date-time: \"y\"")]
    [InlineData("""{"name":"a"}""", "spec.name", "FieldValueInvalid", "Invalid value: \"a\": spec.name in body should be at least 2 chars long")]
    [InlineData("""{"name":"UPPER"}""", "spec.name", "FieldValueInvalid", "Invalid value: \"UPPER\": spec.name in body should match '^[a-z0-9]+$'")]
    [InlineData("""{"name":"line\n"}""", "spec.name", "FieldValueInvalid", "Invalid value: \"line\\n\": spec.name in body should match '^[a-z0-9]+$'")]
    [InlineData("""{"name":"abcdefghijklm"}""", "spec.name", "FieldValueTooLong", "Too long: may not be more than 12 bytes")]
    [InlineData("""{"name":null}""", "spec.name", "FieldValueRequired", "Required value")]
    [InlineData("""{"owner":{}}""", "spec.owner.name", "FieldValueRequired", "Required value")]
    [InlineData("""{"owner":"x"}""", "spec.owner", "FieldValueTypeInvalid", "Invalid value: \"string\": spec.owner in body must be of type object: \"string\"")]
    [InlineData("""{"tags":{"a":"1","b":"2","c":"3"}}""", "spec.tags", "FieldValueTooMany", "Too many: 3: must have at most 2 items")]
    [InlineData("""{"tags":{"a":"123456"}}""", "spec.tags.a", "FieldValueTooLong", "Too long: may not be more than 5 bytes")]
    [InlineData("""{"filters":[]}""", "spec.filters", "FieldValueInvalid", "Invalid value: 0: spec.filters in body should have at least 1 items")]
    [InlineData("""{"filters":[{}]}""", "spec.filters[0].filter", "FieldValueRequired", "Required value")]
    [InlineData("""{"port":{}}""", "spec.port", "FieldValueTypeInvalid", "Invalid value: \"object\": spec.port in body must be of type integer,string: \"object\"")]
    public async Task A_spec_that_the_schema_refuses_is_refused_with_field_and_reason(string spec, string field, string reason, string message)
    {
        var refused = (await CreateAsync(Widgets.Named("bad", spec))).Expect(422);

        Assert.Equal("Invalid", refused.Text("reason"));
        Assert.Equal($"Widget.conformance.example.com \"bad\" is invalid: {field}: {message}", refused.Text("message"));
        var cause = Assert.Single(refused["details.causes"]!.AsArray())!;
        Assert.Equal((field, reason, message), ((string?)cause["field"], (string?)cause["reason"], (string?)cause["message"]));
    }

    [Theory]
    [InlineData("""{"ratio":1.5,"count":5,"port":"http","maybe":null,"at":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"port":80,"free":{"any":{"thing":[1,"x"]}},"tags":{"a":"1"},"count":null}""")]
    public async Task A_spec_that_the_schema_allows_is_kept(string spec)
    {
        var created = (await CreateAsync(Widgets.Named("good", spec))).Expect(201);

        foreach (var (name, value) in JsonNode.Parse(spec)!.AsObject().Where(field => field.Key != "count" || field.Value is not null))
        {
            Assert.True(created["spec"]!.AsObject().ContainsKey(name), name);
            Assert.Equal(value?.ToJsonString(), created[$"spec.{name}"]?.ToJsonString());
        }

        Assert.Equal(spec.Contains("\"count\":5"), created["spec"]!.AsObject().ContainsKey("count"));
    }

    [Fact]
    public async Task All_that_is_wrong_is_told_at_once()
    {
        var refused = (await CreateAsync(Widgets.Named("Bad_Name", """{"size":"XL","count":9}"""))).Expect(422);

        Assert.Equal(["metadata.name", "spec.count", "spec.size"], refused["details.causes"]!.AsArray().Select(cause => (string)cause!["field"]!).Order());
    }

    [Fact]
    public async Task Unknown_fields_are_pruned_with_a_warning_or_refused_by_name()
    {
        var widget = Widgets.Named("one", """{"foo":1,"owner":{"name":"me","bar":2}}""").ToJsonString();

        var strict = (await SendAsync("POST", $"{Collection}?fieldValidation=Strict", widget)).Expect(400);
        Assert.Equal("Widget in version \"v1alpha1\" cannot be handled as a Widget: strict decoding error: unknown field \"spec.foo\", unknown field \"spec.owner.bar\"", strict.Text("message"));

        var twice = (await SendAsync("POST", $"{Collection}?fieldValidation=Strict", widget.Replace("\"foo\":1", "\"name\":\"two\"").Replace(",\"bar\":2", ""))).Expect(400);
        Assert.Contains("strict decoding error: duplicate field \"spec.name\"", twice.Text("message"));

        var created = (await SendAsync("POST", Collection, widget)).Expect(201);
        Assert.Equal(["299 - \"unknown field \\\"spec.foo\\\"\"", "299 - \"unknown field \\\"spec.owner.bar\\\"\""], created.Warnings);
        Assert.Null(created["spec.foo"]);
        Assert.Null(created["spec.owner.bar"]);

        var patched = (await SendAsync("PATCH", $"{Collection}/one?fieldValidation=Strict", """{"spec":{"foo":1}}""", "application/merge-patch+json")).Expect(422);
        Assert.EndsWith("strict decoding error: unknown field \"spec.foo\"", patched.Text("message"));
    }

    [Theory]
    [InlineData("""{"name":"a b"}""", "metadata.name")]
    [InlineData("""{"name":"x","finalizers":["a b"]}""", "metadata.finalizers")]
    [InlineData("""{"name":"x","labels":{"a b":"c"}}""", "metadata.labels")]
    [InlineData("""{"name":"x","labels":{"a":"b c"}}""", "metadata.labels")]
    [InlineData("""{"name":"x","annotations":{"a b":"c"}}""", "metadata.annotations")]
    [InlineData("{}", "metadata.name")]
    public async Task Metadata_that_is_malformed_is_refused(string metadata, string field)
    {
        var widget = Widgets.Named("x");
        widget["metadata"] = JsonNode.Parse(metadata);

        var refused = (await CreateAsync(widget)).Expect(422);

        Assert.Equal(field, refused.Text("details.causes.0.field"));
    }

    [Fact]
    public async Task GenerateName_makes_a_name()
    {
        var widget = Widgets.Named("x");
        widget["metadata"] = new JsonObject { ["generateName"] = "made-" };

        Assert.Matches("^made-[a-z0-9]{5}$", (await CreateAsync(widget)).Expect(201).Text("metadata.name"));
    }

    [Theory]
    [InlineData("{bad")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("""{"apiVersion":"conformance.example.com/v1alpha1","kind":"Widget","metadata":{"name":"x","labels":{"a":1}}}""")]
    [InlineData("""{"apiVersion":"conformance.example.com/v1alpha1","kind":"Widget","metadata":{"name":"x","labels":"a"}}""")]
    [InlineData("""{"apiVersion":"conformance.example.com/v1alpha1","kind":"Widget","metadata":{"name":"x","annotations":["a"]}}""")]
    [InlineData("""{"apiVersion":"conformance.example.com/v1alpha1","kind":"Widget","metadata":{"name":"x","finalizers":"a"}}""")]
    [InlineData("""{"apiVersion":"conformance.example.com/v1alpha1","kind":"Widget","metadata":{"name":5}}""")]
    [InlineData("""{"apiVersion":"conformance.example.com/v1alpha1","kind":"Widget","metadata":"x"}""")]
    [InlineData("""{"apiVersion":"other/v1","kind":"Widget","metadata":{"name":"x"}}""")]
    public async Task Garbage_is_a_bad_request(string body) => (await SendAsync("POST", Collection, body)).Expect(400);

    [Fact]
    public async Task The_main_resource_leaves_the_status_alone_and_counts_generations()
    {
        await CreateAsync(Widgets.Named("one"));

        var spec = (await MergeAsync("one", """{"spec":{"count":2},"status":{"count":7}}""")).Expect(200);
        Assert.Equal("2", spec.Text("metadata.generation"));
        Assert.Null(spec["status.count"]);

        var annotated = (await MergeAsync("one", """{"metadata":{"annotations":{"force-sync":"1"}}}""")).Expect(200);
        Assert.Equal("2", annotated.Text("metadata.generation"));
        Assert.NotEqual(spec.Text("metadata.resourceVersion"), annotated.Text("metadata.resourceVersion"));
    }

    [Fact]
    public async Task The_status_resource_takes_the_status_and_nothing_else()
    {
        var created = await CreateAsync(Widgets.Named("one"));

        var patched = (await MergeAsync("one/status", """{"metadata":{"uid":"wrong","labels":{"a":"b"},"finalizers":["a/b"]},"spec":{"count":3},"status":{"count":7}}""")).Expect(200);

        Assert.Equal("7", patched.Text("status.count"));
        Assert.Equal("Pending", patched.Text("status.conditions.0.reason"));
        Assert.Null(patched["spec.count"]);
        Assert.Equal("1", patched.Text("metadata.generation"));
        Assert.Equal(created.Text("metadata.uid"), patched.Text("metadata.uid"));
        Assert.Null(patched["metadata.labels"]);
        Assert.Null(patched["metadata.finalizers"]);

        var removed = (await MergeAsync("one/status", """{"status":null}""")).Expect(200);
        Assert.Null(removed["status.count"]);
        Assert.Equal("Pending", removed.Text("status.conditions.0.reason"));

        var refused = (await MergeAsync("one/status", """{"status":{"conditions":[{"type":"Ready"}]}}""")).Expect(422);
        Assert.Contains("status.conditions[0].status: Required value", refused.Text("message"));
    }

    [Fact]
    public async Task A_write_that_changes_nothing_is_no_write_except_the_first_that_stores_the_default_status()
    {
        var created = await CreateAsync(Widgets.Named("one"));

        var first = (await MergeAsync("one", "{}")).Expect(200);
        var second = (await MergeAsync("one/status", """{"status":{"conditions":[{"type":"Ready","status":"Unknown","reason":"Pending","message":"Not seen yet.","lastTransitionTime":"1970-01-01T00:00:00Z"}]}}""")).Expect(200);

        Assert.NotEqual(created.Text("metadata.resourceVersion"), first.Text("metadata.resourceVersion"));
        Assert.Equal(first.Text("metadata.resourceVersion"), second.Text("metadata.resourceVersion"));
    }

    [Fact]
    public async Task An_old_resourceVersion_is_a_conflict()
    {
        var created = await CreateAsync(Widgets.Named("one"));
        var old = created.Body!.DeepClone();
        (await MergeAsync("one", """{"spec":{"count":1}}""")).Expect(200);
        var stale = $$$"""{"metadata":{"resourceVersion":"{{{created.Text("metadata.resourceVersion")}}}"},"status":{"count":1}}""";

        foreach (var conflict in new[] { await MergeAsync("one", stale), await MergeAsync("one/status", stale), await SendAsync("PUT", $"{Collection}/one", old.ToJsonString()) })
        {
            conflict.Expect(409);
            Assert.Equal("Conflict", conflict.Text("reason"));
            Assert.Equal("Operation cannot be fulfilled on widgets.conformance.example.com \"one\": the object has been modified; please apply your changes to the latest version and try again", conflict.Text("message"));
        }

        old["metadata"]!.AsObject().Remove("resourceVersion");
        Assert.Contains("metadata.resourceVersion: Invalid value: 0: must be specified for an update", (await SendAsync("PUT", $"{Collection}/one", old.ToJsonString())).Expect(422).Text("message"));
    }

    [Fact]
    public async Task Replacing_an_object_replaces_its_spec()
    {
        var widget = (await CreateAsync(Widgets.Named("one", """{"count":2}"""))).Body!.AsObject();
        widget["spec"]!.AsObject().Remove("count");
        widget["status"] = new JsonObject { ["count"] = 99 };

        var replaced = (await SendAsync("PUT", $"{Collection}/one", widget.ToJsonString())).Expect(200);

        Assert.Null(replaced["spec.count"]);
        Assert.Null(replaced["status.count"]);
        Assert.Equal("2", replaced.Text("metadata.generation"));
        (await SendAsync("PUT", $"{Collection}/other", widget.ToJsonString())).Expect(400);
        (await SendAsync("PUT", $"{Collection}/none", Widgets.Named("none").ToJsonString())).Expect(404);
    }

    [Theory]
    [InlineData("""[{"op":"test","path":"/metadata/uid","value":"wrong"}]""", 422)]
    [InlineData("""[{"op":"test","path":"/spec/none","value":null},{"op":"add","path":"/spec/count","value":3}]""", 200)]
    [InlineData("""[{"op":"test","path":"/spec/none","value":1}]""", 422)]
    [InlineData("""[{"op":"test","path":"/spec/none/deep","value":null}]""", 422)]
    [InlineData("""[{"op":"remove","path":"/spec/none"}]""", 422)]
    [InlineData("""[{"op":"replace","path":"/spec/none","value":1}]""", 422)]
    [InlineData("""[{"op":"add","path":"/spec/none/a","value":1}]""", 422)]
    [InlineData("""[{"op":"add","path":"/spec/filters/5","value":{"filter":"x"}}]""", 422)]
    [InlineData("""[{"op":"add","path":"/spec/filters/-","value":{"filter":"x"}},{"op":"move","from":"/spec/filters/0","path":"/spec/filters/1"},{"op":"copy","from":"/spec/name","path":"/spec/maybe"}]""", 200)]
    [InlineData("""[{"op":"remove","path":"/spec/name"}]""", 422)]
    [InlineData("""[{"op":"replace","path":"/metadata/annotations/a~1b","value":"2"}]""", 200)]
    [InlineData("""[{"op":"unheard","path":"/spec/name"}]""", 400)]
    [InlineData("""{"a":1}""", 400)]
    public async Task A_JSON_patch_is_applied_whole_or_not_at_all(string patch, int code)
    {
        var widget = Widgets.Named("one", """{"filters":[{"filter":"a"}]}""");
        widget["metadata"]!["annotations"] = new JsonObject { ["a/b"] = "1" };
        var created = await CreateAsync(widget);

        (await JsonPatchAsync("one", patch)).Expect(code);

        var after = await GetAsync("one");
        Assert.Equal(code != 200, after.Text("metadata.resourceVersion") == created.Text("metadata.resourceVersion"));
        if (patch.Contains("\"move\""))
        {
            Assert.Equal(["x", "a"], after["spec.filters"]!.AsArray().Select(filter => (string)filter!["filter"]!));
        }
    }

    [Fact]
    public async Task What_identifies_an_object_cannot_be_patched()
    {
        await CreateAsync(Widgets.Named("one"));

        Assert.Contains("metadata.uid: Invalid value: \"wrong\": field is immutable", (await MergeAsync("one", """{"metadata":{"uid":"wrong"}}""")).Expect(422).Text("message"));
        (await MergeAsync("one", """{"metadata":{"name":"two"}}""")).Expect(400);
        (await MergeAsync("one", """{"metadata":{"namespace":"two"}}""")).Expect(400);
        (await MergeAsync("one", """{"metadata":{"deletionTimestamp":"2020-01-01T00:00:00Z"}}""")).Expect(422);
        (await MergeAsync("one", """{"kind":"Other"}""")).Expect(422);
        (await MergeAsync("one", """{"spec":null}""")).Expect(422);
        (await MergeAsync("one", "[]")).Expect(400);
        (await MergeAsync("none", "{}")).Expect(404);
        (await SendAsync("PATCH", $"{Collection}/one", "{}", "application/strategic-merge-patch+json")).Expect(415);
        Assert.Equal("1", (await GetAsync("one")).Text("metadata.generation"));
    }

    [Fact]
    public async Task Finalizers_hold_an_object_that_is_deleted()
    {
        var widget = Widgets.Named("one");
        widget["metadata"]!["finalizers"] = new JsonArray("a/b", "c/d");
        await CreateAsync(widget);

        var marked = (await SendAsync("DELETE", $"{Collection}/one", """{"propagationPolicy":"Background"}""")).Expect(200);
        Assert.NotNull(marked["metadata.deletionTimestamp"]);
        Assert.Equal("2", marked.Text("metadata.generation"));
        Assert.Equal(marked.Text("metadata.resourceVersion"), (await SendAsync("DELETE", $"{Collection}/one")).Expect(200).Text("metadata.resourceVersion"));

        var added = (await MergeAsync("one", """{"metadata":{"finalizers":["a/b","n/n"]}}""")).Expect(422);
        Assert.Contains("metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"n/n\"}", added.Text("message"));

        (await JsonPatchAsync("one", """[{"op":"test","path":"/metadata/finalizers/0","value":"a/b"},{"op":"remove","path":"/metadata/finalizers/0"}]""")).Expect(200);
        (await GetAsync("one")).Expect(200);
        (await MergeAsync("one", """{"metadata":{"finalizers":null}}""")).Expect(200);
        Assert.Equal("widgets.conformance.example.com \"one\" not found", (await GetAsync("one")).Expect(404).Text("message"));
    }

    [Fact]
    public async Task Deletion_holds_to_its_preconditions()
    {
        var created = await CreateAsync(Widgets.Named("one"));

        (await SendAsync("DELETE", $"{Collection}/one", """{"preconditions":{"uid":"wrong"}}""")).Expect(409);
        (await SendAsync("DELETE", $"{Collection}/one", """{"preconditions":{"resourceVersion":"1"}}""")).Expect(409);
        (await SendAsync("DELETE", $"{Collection}/one?dryRun=All")).Expect(200);

        var deleted = (await SendAsync("DELETE", $"{Collection}/one", $$$"""{"preconditions":{"uid":"{{{created.Text("metadata.uid")}}}"}}""")).Expect(200);
        Assert.Equal("Success", deleted.Text("status"));
        Assert.Equal(created.Text("metadata.uid"), deleted.Text("details.uid"));
        (await SendAsync("DELETE", $"{Collection}/one")).Expect(404);
    }

    [Fact]
    public async Task A_dry_run_answers_and_stores_nothing()
    {
        var tried = (await SendAsync("POST", $"{Collection}?dryRun=All", Widgets.Named("one").ToJsonString())).Expect(201);

        Assert.Equal("Small", tried.Text("spec.size"));
        Assert.Null(tried["metadata.resourceVersion"]);
        (await GetAsync("one")).Expect(404);
    }
}
