using System.Text.Json.Nodes;

namespace InfraOperator.Conformance.Kubernetes;

/// <summary>The custom kind that the suite works with: it has one field for each rule that is tested.</summary>
public static class Widgets
{
    public const string Resource = "/apis/conformance.example.com/v1alpha1";

    public const string Definition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata:
          name: widgets.conformance.example.com
        spec:
          group: conformance.example.com
          scope: Namespaced
          names: {kind: Widget, listKind: WidgetList, plural: widgets, singular: widget, shortNames: [wd], categories: [gadgets]}
          versions:
          - name: v1alpha1
            served: true
            storage: true
            subresources:
              status: {}
            additionalPrinterColumns:
            - {name: Size, type: string, jsonPath: .spec.size}
            - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}
            - {name: Count, type: integer, jsonPath: .status.count}
            - {name: Reason, type: string, priority: 1, jsonPath: '.status.conditions[?(@.type=="Ready")].reason'}
            - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
            schema:
              openAPIV3Schema:
                type: object
                description: A widget.
                required: [spec]
                properties:
                  spec:
                    type: object
                    description: What is wanted.
                    required: [owner, name]
                    properties:
                      owner:
                        type: object
                        description: Who wants it.
                        required: [name]
                        properties:
                          name: {type: string, minLength: 1, maxLength: 20}
                          namespace: {type: string}
                      name: {type: string, minLength: 2, maxLength: 12, pattern: '^[a-z0-9]+$', description: The name of the widget.}
                      size: {type: string, enum: [Small, Large], default: Small}
                      count: {type: integer, minimum: 1, maximum: 5}
                      ratio: {type: number, exclusiveMinimum: true, minimum: 0, multipleOf: 0.5}
                      enabled: {type: boolean}
                      maybe: {type: string, nullable: true}
                      at: {type: string, format: date-time}
                      tags: {type: object, maxProperties: 2, additionalProperties: {type: string, maxLength: 5}}
                      filters:
                        type: array
                        minItems: 1
                        maxItems: 2
                        items:
                          type: object
                          required: [filter]
                          properties:
                            filterType: {type: string, enum: [WILDCARD], default: WILDCARD}
                            filter: {type: string}
                      free: {type: object, x-kubernetes-preserve-unknown-fields: true}
                      port: {x-kubernetes-int-or-string: true}
                  status:
                    type: object
                    default:
                      conditions: [{type: Ready, status: Unknown, reason: Pending, message: Not seen yet., lastTransitionTime: "1970-01-01T00:00:00Z"}]
                    properties:
                      count: {type: integer}
                      conditions:
                        type: array
                        x-kubernetes-list-type: map
                        x-kubernetes-list-map-keys: [type]
                        items:
                          type: object
                          required: [type, status]
                          properties:
                            type: {type: string}
                            status: {type: string, enum: ["True", "False", "Unknown"]}
                            reason: {type: string}
                            message: {type: string}
                            lastTransitionTime: {type: string, format: date-time}
        """;

    /// <summary>A valid widget; <paramref name="spec"/> is merged into its spec.</summary>
    public static JsonObject Named(string name, string spec = "{}")
    {
        var widget = JsonNode.Parse("""{"apiVersion":"conformance.example.com/v1alpha1","kind":"Widget","metadata":{},"spec":{"owner":{"name":"me"},"name":"one"}}""")!.AsObject();
        widget["metadata"]!["name"] = name;
        foreach (var (field, value) in JsonNode.Parse(spec)!.AsObject())
        {
            widget["spec"]![field] = value?.DeepClone();
        }

        return widget;
    }
}
