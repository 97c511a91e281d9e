using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace InfraOperator.Kubernetes.Watching;

/// <summary>An object that was read, or why it could not be and whose it is.</summary>
/// <param name="Value">The object; null if it does not fit.</param>
/// <param name="Reference">If it does not fit: its identity, as far as it can be told.</param>
/// <param name="Error">If it does not fit: what is wrong.</param>
internal readonly record struct ParsedResource<T>(T? Value, ObjectReference Reference, string Error)
    where T : class;

internal static class ParsedResource
{
    public static ParsedResource<T> Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
        where T : class
    {
        string error;
        try
        {
            if (JsonSerializer.Deserialize(json, type) is { } value)
            {
                return new ParsedResource<T>(value, default, "");
            }

            error = "the object is null";
        }
        catch (Exception exception)
        {
            // Whatever a converter throws: one bad object must not stop the others.
            error = exception.Message;
        }

        return new ParsedResource<T>(null, LenientIdentity.Read(json), error);
    }
}
