using System.Text.Json;

namespace InfraOperator.Kubernetes.Watching;

/// <summary>Reads who an object is even where the rest of it is not what was expected, or is cut off.</summary>
internal static class LenientIdentity
{
    private enum Field
    {
        Other,
        Namespace,
        Name,
        Uid,
        ResourceVersion,
    }

    /// <summary>The identity found in <c>metadata</c>; what was not found is empty.</summary>
    public static ObjectReference Read(ReadOnlySpan<byte> json)
    {
        string ns = "", name = "", uid = "", resourceVersion = "";
        var reader = new Utf8JsonReader(json, isFinalBlock: false, default);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                if (reader.CurrentDepth == 1)
                {
                    if (!reader.ValueTextEquals("metadata"u8) && !reader.TrySkip())
                    {
                        break;
                    }

                    continue;
                }

                // The only value entered is metadata; what lies deeper in it (labels, owners) is skipped.
                var field = reader.CurrentDepth == 2 ? FieldOf(ref reader) : Field.Other;
                if (!reader.Read())
                {
                    break;
                }

                if (reader.TokenType != JsonTokenType.String || field == Field.Other)
                {
                    if (!reader.TrySkip())
                    {
                        break;
                    }

                    continue;
                }

                var value = reader.GetString()!;
                switch (field)
                {
                    case Field.Namespace:
                        ns = value;
                        break;
                    case Field.Name:
                        name = value;
                        break;
                    case Field.Uid:
                        uid = value;
                        break;
                    default:
                        resourceVersion = value;
                        break;
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON from here on (or not UTF-8 in a name): what was found so far is all there is.
        }

        return new ObjectReference(ns, name, uid, resourceVersion);
    }

    private static Field FieldOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("namespace"u8) ? Field.Namespace
        : reader.ValueTextEquals("name"u8) ? Field.Name
        : reader.ValueTextEquals("uid"u8) ? Field.Uid
        : reader.ValueTextEquals("resourceVersion"u8) ? Field.ResourceVersion
        : Field.Other;
}
