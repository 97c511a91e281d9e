using System.Text.Json;
using System.Text.Json.Nodes;

namespace InfraOperator.Grains.Tests.Planning;

/// <summary>Policies to test with, and what ECR makes of them on read.</summary>
internal static class SamplePolicies
{
    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true };

    public static readonly string[] Lifecycle =
    [
        """
        {"rules": [
          {"rulePriority": 2, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10}, "action": {"type": "expire"}},
          {"rulePriority": 1, "description": "old", "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14}, "action": {"type": "expire"}}
        ]}
        """,
        """{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":100},"action":{"type":"expire"}}]}""",
        """{"rules":[{"rulePriority":1,"selection":{"tagStatus":"tagged","tagPrefixList":["v","r"],"countType":"imageCountMoreThan","countNumber":5},"action":{"type":"expire"}}]}""",
    ];

    public static readonly string[] Repository =
    [
        """
        {"Version": "2012-10-17", "Statement": [
          {"Sid": "pull", "Effect": "Allow", "Principal": {"AWS": ["222222222222", "111111111111"]}, "Action": ["ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]},
          {"Sid": "all", "Effect": "Deny", "Principal": "*", "Action": ["ecr:DeleteRepository"]}
        ]}
        """,
        """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"ecr:*"}}""",
    ];

    /// <summary>JSON, so that only AWS can judge it, and AWS refuses it.</summary>
    public const string Refused = """{"refused": true}""";

    public const string NotJson = "{ not json";

    public static bool IsRefused(string text) => text == Refused || text == NotJson;

    /// <summary>The text that AWS gives back for one that it was given.</summary>
    public static string Kept(string text, Spelling spelling)
    {
        if (spelling == Spelling.Verbatim)
        {
            return text;
        }

        var policy = JsonNode.Parse(text)!.AsObject();
        if (policy["rules"] is JsonArray rules)
        {
            policy["rules"] = new JsonArray([.. rules.OrderBy(rule => (int)rule!["rulePriority"]!).Select(rule => rule!.DeepClone())]);
        }

        if (policy["Statement"] is { } statement)
        {
            JsonNode[] statements = statement is JsonArray list ? [.. list.Select(item => item!.DeepClone())] : [statement.DeepClone()];
            foreach (var one in statements)
            {
                Respell(one.AsObject());
            }

            policy["Statement"] = new JsonArray(statements);
        }

        if (spelling == Spelling.Unforeseen)
        {
            policy["madeByAws"] = true;
        }

        return policy.ToJsonString(Pretty);
    }

    /// <summary>The key that AWS shows for what was asked for.</summary>
    public static string KeyArn(string? asked) => asked switch
    {
        null => "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000",
        _ when asked.Contains(":key/", StringComparison.Ordinal) => asked,
        _ when asked.Contains("alias/", StringComparison.Ordinal) => "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111",
        _ => $"arn:aws:kms:us-east-1:123456789012:key/{asked}",
    };

    // Accounts as ARNs and in another order; a list of one as the one.
    private static void Respell(JsonObject statement)
    {
        if (statement["Principal"] is JsonObject principal && principal["AWS"] is { } aws)
        {
            string[] accounts = aws is JsonArray list ? [.. list.Select(item => (string)item!)] : [(string)aws!];
            JsonNode[] arns = [.. accounts.Reverse().Select(account => JsonValue.Create($"arn:aws:iam::{account}:root")!)];
            principal["AWS"] = arns.Length == 1 ? arns[0] : new JsonArray(arns);
        }

        if (statement["Action"] is JsonArray { Count: 1 } actions)
        {
            statement["Action"] = actions[0]!.DeepClone();
        }
    }
}
