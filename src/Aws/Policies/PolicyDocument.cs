using System.Text;
using System.Text.Json;

namespace InfraOperator.Aws.Policies;

/// <summary>Reads the JSON of a policy, whoever wrote it, without ever throwing.</summary>
internal static class PolicyDocument
{
    /// <summary>Far above AWS's 30,720 characters, far below what would hurt.</summary>
    private const int MaxCharacters = 256 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A policy says each thing once: of two equal keys, readers disagree which counts.</summary>
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    public static PolicyParse Parse(string text, Func<JsonElement, string> normalize)
    {
        if (text.Length > MaxCharacters)
        {
            return PolicyParse.Broken($"The policy has {text.Length} characters, more than any that AWS takes.");
        }

        byte[]? bytes = null;
        try
        {
            bytes = Utf8.GetBytes(text);
            using var document = JsonDocument.Parse(bytes, Strict);
            return document.RootElement.ValueKind is JsonValueKind.Object
                ? PolicyParse.Valid(normalize(document.RootElement))
                : PolicyParse.Broken($"The policy is not a JSON object but {Describe(document.RootElement.ValueKind)}.");
        }
        catch (JsonException exception)
        {
            return PolicyParse.Broken($"The policy is not JSON: {Explain(exception, bytes!)}");
        }
        catch (Exception exception) when (exception is EncoderFallbackException or InvalidOperationException)
        {
            // The latter: "\ud800" is JSON's grammar but no text, and shows only when the string is read.
            return PolicyParse.Broken("The policy holds half of a surrogate pair, which is no character.");
        }
    }

    private static string Explain(JsonException exception, byte[] bytes)
    {
        var words = exception.Message;
        foreach (var technical in (string[])[" Path: ", " LineNumber: "])
        {
            words = words.IndexOf(technical, StringComparison.Ordinal) is >= 0 and var at ? words[..at] : words;
        }

        if (exception is not { LineNumber: { } line, BytePositionInLine: { } column })
        {
            return words;
        }

        var start = 0;
        for (var skipped = 0L; skipped < line; skipped++)
        {
            start += bytes.AsSpan(start).IndexOf((byte)'\n') + 1;
        }

        var position = Encoding.UTF8.GetCharCount(bytes.AsSpan(start, (int)Math.Min(column, bytes.Length - start)));
        return $"line {line + 1}, position {position + 1}: {words}";
    }

    private static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };
}
