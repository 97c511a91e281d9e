using System.Text;

namespace InfraOperator.Kubernetes.Requests;

/// <summary>One request: what it is about, for the URL and for messages, and what it sends.</summary>
internal sealed record ApiRequest(string Verb, HttpMethod Method, ResourceKind Kind, string? Namespace, string? Name)
{
    public string? Subresource { get; init; }

    /// <summary>A document about the kind's group and version, by its path's beginning, such as <c>openapi/v3</c>; null: its objects.</summary>
    public string? Document { get; init; }

    /// <summary>Query without the question mark, already escaped.</summary>
    public string Query { get; init; } = "";

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Media type of <see cref="Body"/>; null means that there is none.</summary>
    public string? BodyType { get; init; }

    /// <summary>Whether it begins something, so that what has been begun goes before it.</summary>
    public bool Begins { get; init; }

    /// <summary>Path and query, relative to the server's base URL.</summary>
    /// <exception cref="KubernetesApiException">A name that cannot be part of a URL: no such object can exist.</exception>
    public string RelativeUri()
    {
        var uri = new StringBuilder(Document).Append(Document is null ? "" : "/").Append(Kind.Group.Length == 0 ? "api" : "apis");
        if (Kind.Group.Length > 0)
        {
            uri.Append('/').Append(Segment(Kind.Group));
        }

        uri.Append('/').Append(Segment(Kind.Version));
        if (Document is not null)
        {
            return uri.ToString();
        }

        if (Namespace is not null)
        {
            uri.Append("/namespaces/").Append(Segment(Namespace));
        }

        uri.Append('/').Append(Segment(Kind.Plural));
        if (Name is not null)
        {
            uri.Append('/').Append(Segment(Name));
        }

        if (Subresource is not null)
        {
            uri.Append('/').Append(Segment(Subresource));
        }

        if (Query.Length > 0)
        {
            uri.Append('?').Append(Query);
        }

        return uri.ToString();
    }

    public override string ToString()
    {
        if (Document is not null)
        {
            return $"{Verb} {RelativeUri()}";
        }

        var what = $"{Verb} {Kind.QualifiedName(Subresource)}";
        return (Namespace, Name) switch
        {
            (null, null) => what,
            (null, _) => $"{what} \"{Name}\"",
            (_, null) => $"{what} in namespace \"{Namespace}\"",
            _ => $"{what} \"{Namespace}/{Name}\"",
        };
    }

    /// <summary>
    /// Names reach us from the specs of other people's objects. A dot segment would be resolved away on the way and make
    /// this a request for something else, so what the API server itself refuses as a name is never sent.
    /// </summary>
    private string Segment(string value) =>
        value is "" or "." or ".." || value.AsSpan().IndexOfAny("/%\\") >= 0
            ? throw new KubernetesApiException(this, KubernetesFailure.Invalid, $"\"{value}\" is not a possible name")
            : Uri.EscapeDataString(value);
}
