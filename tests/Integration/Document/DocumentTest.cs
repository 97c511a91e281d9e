using System.Reflection;
using System.Text.Json.Nodes;
using Xunit.v3;

namespace InfraOperator.Integration.Document;

/// <summary>A test of the document's lines, which runs what its <see cref="DocumentLineAttribute"/> names.</summary>
[Collection<DocumentCollection>]
public abstract class DocumentTest(DocumentFixture fixture)
{
    protected DocumentFixture Fixture => fixture;

    /// <summary>A command of the running test's attribute, the first unless said otherwise, as the document prints it.</summary>
    protected static DocumentCommand Line(int index = 0) =>
        DocumentText.Command(((IXunitTestMethod)TestContext.Current.TestMethod!).Method.GetCustomAttribute<DocumentLineAttribute>()!.Lines[index]);

    /// <summary>Runs a command of the document by bash, as it is printed.</summary>
    protected Task<ShellResult> RunAsync(int index = 0) => fixture.Shell.RunAsync(Line(index).Text);

    /// <summary>Makes the API call of an aws command of the document.</summary>
    protected Task<AwsAnswer> CallAsync(int index = 0) => fixture.Aws.SendAsync(AwsCommand.Parse(Line(index).Name, fixture.Shell.Folder));

    /// <summary>Makes an API call that the document does not print.</summary>
    protected async Task<JsonNode> EcrAsync(string operation, JsonObject parameters) => (await fixture.Aws.SendAsync("ecr", operation, parameters)).Json;

    /// <summary>A repository as AWS describes it.</summary>
    protected async Task<JsonNode> DescribeAsync(string repository) =>
        (await EcrAsync("DescribeRepositories", new() { ["repositoryNames"] = new JsonArray(repository) }))["repositories"]![0]!;
}
