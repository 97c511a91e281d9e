using System.Reflection;

namespace InfraOperator.Integration.Document;

/// <summary>Every command line of the document's bash blocks is proven by a test or listed here with the reason why none proves it.</summary>
public sealed class CompletenessTests
{
    private const string Settings = "a setting of the user's shell";
    private const string Docker = "needs a container engine and a registry that serves images; the operator has no part in it";

    private static readonly Dictionary<string, string> OutOfScope = new()
    {
        ["export CLUSTER_NAME=my-cluster"] = Settings,
        ["export AWS_REGION=us-east-1"] = Settings,
        ["export AWS_ENDPOINT_URL=http://localhost:4566"] = Settings + "; the run's own AWS_ENDPOINT_URL is in force instead",
        ["OIDC_PROVIDER=$(aws eks describe-cluster --name $CLUSTER_NAME…"] = "asks for the user's EKS cluster, which only AWS has",
        ["docker tag my-app:v1.0.0 123456789012.dkr.ecr.us-east-1.amazonaws.com/app/backend:v1.0.0"] = Docker,
        ["docker push 123456789012.dkr.ecr.us-east-1.amazonaws.com/app/backend:v1.0.0"] = Docker,
        ["docker pull 123456789012.dkr.ecr.us-east-1.amazonaws.com/app/backend:v1.0.0"] = Docker,
        ["docker images | grep ecr"] = Docker,
        ["docker tag myapp:latest 123456789012.dkr.ecr.us-east-1.amazonaws.com/app/backend:latest"] = Docker,
        ["docker push 123456789012.dkr.ecr.us-east-1.amazonaws.com/app/backend:latest"] = Docker,
        ["docker logout 123456789012.dkr.ecr.us-east-1.amazonaws.com"] = Docker,
        ["docker build -t app/backend:v1.0.1 ."] = Docker,
        ["if [ \"$FINDINGS\" -gt 0 ]; then echo \"Critical vulnerabilities found!\" exit 1 fi"] = "the user's own pipeline; where FINDINGS comes from is tested",
    };

    public static TheoryData<string> Commands => [.. DocumentText.Commands.Select(command => command.Name).Distinct()];

    private static string[] Proven { get; } =
    [
        .. typeof(CompletenessTests).Assembly.GetTypes().SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetCustomAttribute<DocumentLineAttribute>()?.Lines ?? []),
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_is_proven_or_listed(string command)
    {
        var name = DocumentText.Command(command);

        Assert.True(Proven.Any(name.IsCalled) != OutOfScope.Keys.Any(name.IsCalled), $"Line {name.LineNumber} is neither proven nor listed as out of scope, or both: {command}");
    }

    [Fact]
    public void Nothing_is_named_that_the_document_does_not_say() =>
        Assert.All([.. Proven, .. OutOfScope.Keys], name => Assert.NotEqual(0, DocumentText.Command(name).LineNumber));

    [Fact]
    public void The_documents_commands_are_read_as_bash_reads_them()
    {
        Assert.Equal(27, DocumentText.Commands.Count(command => command.Name.StartsWith("aws ecr", StringComparison.Ordinal)));
        Assert.Equal(21, DocumentText.Commands.Count(command => command.Name.StartsWith("kubectl ", StringComparison.Ordinal)));
    }
}
