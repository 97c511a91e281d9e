using System.Net;
using InfraOperator.Conformance;
using InfraOperator.Integration.Document;

namespace InfraOperator.Integration;

/// <summary>
/// The chart's custom resource definitions on the API server of this run. Every test that touches our kinds awaits
/// <see cref="EnsureAppliedAsync"/> first.
/// </summary>
public static class CustomResourceDefinitions
{
    public const string Group = "aws-infra-operator.runner.codes";
    public const string ApiPath = $"/apis/{Group}/v1alpha1";

    private static readonly Lazy<Task> Applied = new(ApplyAsync);

    /// <summary>The root of the source tree.</summary>
    public static string SourceRoot => SourceTree.Root;

    /// <summary>The definitions as the chart ships them.</summary>
    public static string Folder => Path.Combine(SourceRoot, "helm", "infra-operator", "crds");

    /// <summary>
    /// Applies the definitions once per process and completes when objects of all kinds can be listed. Server-side apply makes it
    /// safe beside another process that does the same.
    /// </summary>
    public static Task EnsureAppliedAsync() => Applied.Value;

    /// <summary>The path of the objects of a kind in a namespace, such as <c>…/namespaces/a/ecrrepositories</c>.</summary>
    public static string PathOf(string kind, string @namespace) => $"{ApiPath}/namespaces/{@namespace}/{PluralOf(kind)}";

    public static string PluralOf(string kind) => kind switch
    {
        "AWSProvider" => "awsproviders",
        "ECRRepository" => "ecrrepositories",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of ours."),
    };

    private static async Task ApplyAsync()
    {
        using var server = new RawApiServer();
        foreach (var file in Directory.EnumerateFiles(Folder, "*.yaml"))
        {
            var text = await File.ReadAllTextAsync(file);
            var definition = YamlText.Parse(text);
            var (plural, group) = (Path.GetFileNameWithoutExtension(file), (string)definition["spec"]!["group"]!);
            var path = $"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{plural}.{group}?fieldManager=integration-tests&force=true&fieldValidation=Strict";
            _ = (await server.ApplyYamlAsync(path, text)).Success;
            await WaitUntilServedAsync(server, group, plural);
        }
    }

    private static async Task WaitUntilServedAsync(RawApiServer server, string group, string plural)
    {
        var watch = $"/apis/apiextensions.k8s.io/v1/customresourcedefinitions?watch=true&timeoutSeconds=30&fieldSelector=metadata.name={plural}.{group}";
        await foreach (var change in server.WatchAsync(watch))
        {
            if (change["object"]!["status"]?["conditions"]?.AsArray().Any(condition => (string?)condition!["type"] == "Established" && (string?)condition["status"] == "True") == true)
            {
                break;
            }
        }

        // Handler and discovery hear of Established by watches of their own, a moment later, and the server has nothing else to wait on.
        var start = TimeProvider.System.GetTimestamp();
        while (!await IsServedAsync(server, $"/apis/{group}/v1alpha1", plural))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(30), $"{plural} is established but not served.");
        }
    }

    private static async Task<bool> IsServedAsync(RawApiServer server, string apiPath, string plural) =>
        (await server.GetAsync($"{apiPath}/{plural}?limit=1")).Code is HttpStatusCode.OK
        && (await server.GetAsync(apiPath)) is { Code: HttpStatusCode.OK, Body: var discovery }
        && discovery["resources"]!.AsArray().Any(resource => (string?)resource!["name"] == plural);
}
