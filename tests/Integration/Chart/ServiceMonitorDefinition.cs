using System.Net;

namespace InfraOperator.Integration.Chart;

/// <summary>The kind that the Prometheus operator brings, as far as the chart uses it: fields that are not here are refused.</summary>
internal static class ServiceMonitorDefinition
{
    private const string Yaml = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata:
          name: servicemonitors.monitoring.coreos.com
        spec:
          group: monitoring.coreos.com
          scope: Namespaced
          names: {plural: servicemonitors, singular: servicemonitor, kind: ServiceMonitor, listKind: ServiceMonitorList}
          versions:
            - name: v1
              served: true
              storage: true
              schema:
                openAPIV3Schema:
                  type: object
                  required: [spec]
                  properties:
                    spec:
                      type: object
                      required: [endpoints, selector]
                      properties:
                        selector: {type: object, properties: {matchLabels: {type: object, additionalProperties: {type: string}}}}
                        namespaceSelector: {type: object, properties: {any: {type: boolean}, matchNames: {type: array, items: {type: string}}}}
                        endpoints:
                          type: array
                          items:
                            type: object
                            properties:
                              port: {type: string}
                              path: {type: string}
                              interval: {type: string, pattern: '^([0-9]+(ms|s|m|h))+$'}
                              scrapeTimeout: {type: string, pattern: '^([0-9]+(ms|s|m|h))+$'}
                              metricRelabelings:
                                type: array
                                items:
                                  type: object
                                  properties:
                                    action: {type: string}
                                    regex: {type: string}
                                    sourceLabels: {type: array, items: {type: string}}
                                    targetLabel: {type: string}
                                    replacement: {type: string}
        """;

    private static readonly Lazy<Task> Applied = new(ApplyAsync);

    /// <summary>Completes when objects of the kind can be made.</summary>
    public static Task EnsureAppliedAsync() => Applied.Value;

    private static async Task ApplyAsync()
    {
        using var server = new RawApiServer();
        _ = (await server.ApplyYamlAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/servicemonitors.monitoring.coreos.com?fieldManager=integration-tests&force=true", Yaml)).Success;

        // A definition is served, and found, some moments after it was established, and the server has nothing to wait on.
        var start = TimeProvider.System.GetTimestamp();
        while (!await IsServedAsync(server))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(30), "ServiceMonitors are not served.");
        }
    }

    private static async Task<bool> IsServedAsync(RawApiServer server) =>
        (await server.GetAsync("/apis/monitoring.coreos.com/v1/servicemonitors?limit=1")).Code is HttpStatusCode.OK
        && (await server.GetAsync("/apis/monitoring.coreos.com/v1")).Code is HttpStatusCode.OK;
}
