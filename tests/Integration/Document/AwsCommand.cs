using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace InfraOperator.Integration.Document;

/// <summary>
/// An <c>aws …</c> command as the API call that the AWS CLI makes of it. <c>--query</c>, <c>--output</c>, <c>--region</c> and
/// <c>--endpoint-url</c> are the CLI's own business and no part of the call.
/// </summary>
public sealed partial record AwsCommand(string Service, string Operation, JsonObject Parameters)
{
    private static readonly string[] ClientOptions = ["query", "output", "region", "endpoint-url"];
    private static readonly string[] ListOptions = ["repository-names", "image-ids"];

    /// <summary>Reads a command. An assignment or a pipe around it is the shell's business; a <c>file://</c> is read from a folder.</summary>
    public static AwsCommand Parse(string command, string folder)
    {
        var words = Word().Matches(Aws().Match(command).Groups[1].Value).Select(match => match.Value.Trim('\'', '"')).ToList();
        var (service, operation) = (words[0], words[1]);
        var rest = words[2..];
        if (operation == "wait")
        {
            // A waiter asks until the answer says what it waits for; the question is the call.
            operation = words[2] == "image-scan-complete" ? "describe-image-scan-findings" : throw new InvalidOperationException($"There is no waiter '{words[2]}'.");
            rest = words[3..];
        }

        var parameters = new JsonObject();
        for (var index = 0; index < rest.Count; index++)
        {
            var option = rest[index][2..];
            var values = rest.Skip(index + 1).TakeWhile(word => !word.StartsWith("--", StringComparison.Ordinal)).ToArray();
            index += values.Length;
            if (!ClientOptions.Contains(option))
            {
                var name = Pascal(option);
                JsonNode[] read = [.. values.Select(value => Value(service, value, folder))];
                parameters[service == "ecr" ? char.ToLowerInvariant(name[0]) + name[1..] : name] = ListOptions.Contains(option) ? new JsonArray([.. read]) : read.Single();
            }
        }

        return new(service, Pascal(operation), parameters);
    }

    private static JsonNode Value(string service, string value, string folder) =>
        value.StartsWith("file://", StringComparison.Ordinal) ? JsonValue.Create(File.ReadAllText(Path.Combine(folder, value["file://".Length..])))
        : service == "ecr" && value.Split('=') is [var key, var member] ? new JsonObject { [key] = member }
        : JsonValue.Create(value);

    private static string Pascal(string words) => string.Concat(words.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    [GeneratedRegex(@"(?:^|\()aws ([^|)]*)")]
    private static partial Regex Aws();

    [GeneratedRegex(@"'[^']*'|""[^""]*""|\S+")]
    private static partial Regex Word();
}
