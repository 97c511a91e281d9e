using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Integration.Secrets;

/// <summary>What a silo says that cannot start, with secrets in all that it was given. Every other silo of the suite is watched by <see cref="SiloRun"/> itself.</summary>
public sealed class OutputTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("secrets-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string, string, string> Troubles => new()
    {
        { "a kubeconfig that is no YAML", $"users: [{{name: a, user: {{token: {PlantedSecrets.BearerToken}\n  ]", "" },
        { "a kubeconfig without a context", $"apiVersion: v1\nkind: Config\nusers: [{{name: a, user: {{token: {PlantedSecrets.BearerToken}}}}}]\n", "" },
        { "a server that is not there", Kubeconfig($"token: {PlantedSecrets.BearerToken}"), "" },
        { "a certificate that is none", Kubeconfig($"client-certificate-data: cExhTnRFZA==, client-key-data: {PlantedSecrets.BearerToken}"), "" },
        { "an option that cannot be used", Kubeconfig($"token: {PlantedSecrets.BearerToken}"), "Operator__ClusterId" },
    };

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task A_silo_that_cannot_start_says_why_and_no_secret(string what, string kubeconfig, string wrong)
    {
        var (file, token) = (Path.Combine(_folder, "kubeconfig"), Path.Combine(_folder, "token"));
        await File.WriteAllTextAsync(file, kubeconfig, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(token, PlantedSecrets.WebIdentityToken, TestContext.Current.CancellationToken);
        using var run = new SiloRun(new Dictionary<string, string?>
        {
            ["KUBECONFIG"] = file,
            ["AWS_ACCESS_KEY_ID"] = "AKIAAMBIENT",
            ["AWS_SECRET_ACCESS_KEY"] = PlantedSecrets.SecretAccessKey,
            ["AWS_SESSION_TOKEN"] = PlantedSecrets.SessionToken,
            ["AWS_WEB_IDENTITY_TOKEN_FILE"] = token,
            ["Operator__ClusterId"] = "secrets",
            ["Logging__LogLevel__Default"] = "Trace",
            [wrong.Length > 0 ? wrong : "Operator__OwnerTag"] = wrong.Length > 0 ? "NOT POSSIBLE" : "true",
            ["Silo__Port"] = "0",
            ["Http__Port"] = "0",
        });

        // One that waits for its server says so; the others end.
        await (what.StartsWith("a server", StringComparison.Ordinal) ? run.SaysAsync("127.0.0.1:9") : run.ExitAsync());
        Assert.NotEmpty(run.Output);
        Assert.DoesNotContain(run.Output, line => PlantedSecrets.FoundIn(line).Any());
    }

    private static string Kubeconfig(string user) => $$"""
        apiVersion: v1
        kind: Config
        current-context: a
        clusters: [{name: a, cluster: {server: "http://127.0.0.1:9"} }]
        contexts: [{name: a, context: {cluster: a, user: a} }]
        users: [{name: a, user: { {{user}} } }]
        """;
}
