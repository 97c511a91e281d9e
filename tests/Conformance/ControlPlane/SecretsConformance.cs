namespace InfraOperator.Conformance.ControlPlane;

/// <summary>
/// When all other tests of the environment have ended: what was planted in Secrets, in the environment, in the token's file and in the kubeconfig, and what STS gave
/// out, is found in nothing that the control plane said. The subclass is of the collection that runs last.
/// </summary>
public abstract class SecretsConformance(ControlPlaneEnvironment environment) : EndOfSuite(environment)
{
    [Fact]
    public async Task No_line_of_the_log_holds_a_secret()
    {
        await Environment.EnsureStartedAsync();
        Assert.NotEmpty(Environment.Log.Lines);
        Assert.Empty(Environment.Log.Lines.Where(static line => PlantedSecrets.FoundIn(line).Any()).Take(5));
    }

    [Fact]
    public async Task No_request_to_Kubernetes_holds_one()
    {
        // Statuses, conditions and events are what is written there.
        await Environment.EnsureStartedAsync();
        Assert.NotEmpty(Environment.Kubernetes.Log);
        Assert.Empty(Environment.Kubernetes.Log.Where(static request => PlantedSecrets.FoundIn($"{request.Name} {request.Body}").Any()).Take(5));
    }

    [Fact]
    public async Task No_request_to_AWS_holds_one_but_the_token_that_a_role_is_assumed_with()
    {
        await Environment.EnsureStartedAsync();
        Assert.Empty(Environment.Aws.Log.Where(static request => request.Operation != "AssumeRoleWithWebIdentity" && PlantedSecrets.FoundIn($"{request.Name} {request.Body}").Any()).Take(5));
    }

    [Fact]
    public async Task No_label_and_no_span_holds_one()
    {
        await Environment.EnsureStartedAsync();
        Assert.Empty(Environment.Secrets.Found);
        Assert.InRange(Environment.Secrets.Seen.Labels, 10, int.MaxValue);
        Assert.InRange(Environment.Secrets.Seen.Spans, 1, int.MaxValue);
    }
}
