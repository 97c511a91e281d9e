using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace InfraOperator.Conformance.Sts;

/// <summary>
/// The agent of EKS Pod Identity on a node: it gives a pod credentials of the role that is associated with the pod's service account,
/// for the token that the pod shows. The sessions bear the tags that EKS puts on them, all of them transitive.
/// </summary>
public sealed class PodIdentityAgent : IAsyncDisposable
{
    /// <summary>Whom the pod's token has to be for, and who assumes the role.</summary>
    public const string Service = "pods.eks.amazonaws.com";

    private readonly StsAccounts _accounts;
    private readonly TokenIssuer _issuer;
    private readonly TimeProvider _time;
    private readonly string _roleArn;
    private LoopbackServer? _server;
    private int _calls;

    private PodIdentityAgent(StsAccounts accounts, TokenIssuer issuer, TimeProvider time, string roleArn) =>
        (_accounts, _issuer, _time, _roleArn) = (accounts, issuer, time, roleArn);

    /// <summary>What the pod gets as <c>AWS_CONTAINER_CREDENTIALS_FULL_URI</c>.</summary>
    public Uri CredentialsUrl => new(_server!.Url, "/v1/credentials");

    /// <summary>How often it was asked.</summary>
    public int Calls => _calls;

    /// <param name="accounts">Where roles are.</param>
    /// <param name="issuer">The cluster's.</param>
    /// <param name="time">Ends tokens.</param>
    /// <param name="roleArn">The role that is associated with the service account.</param>
    public static async Task<PodIdentityAgent> StartAsync(StsAccounts accounts, TokenIssuer issuer, TimeProvider time, string roleArn)
    {
        var agent = new PodIdentityAgent(accounts, issuer, time, roleArn);
        agent._server = await LoopbackServer.StartAsync(agent.ServeAsync);
        return agent;
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private Task ServeAsync(HttpContext http)
    {
        Interlocked.Increment(ref _calls);
        var token = http.Request.Headers.Authorization.ToString();
        if (TokenIssuer.Read(token) is not { Audience: Service } claims || !_issuer.IsOurs(token) || claims.Expires <= _time.GetUtcNow())
        {
            http.Response.StatusCode = 400;
            return http.Response.WriteAsync("Service account token cannot be validated", http.RequestAborted);
        }

        try
        {
            var pod = claims.Subject.Split(':');
            var tags = new Dictionary<string, string>
            {
                ["eks-cluster-arn"] = "arn:aws:eks:us-east-1:123456789012:cluster/my-cluster",
                ["eks-cluster-name"] = "my-cluster",
                ["kubernetes-namespace"] = pod[2],
                ["kubernetes-service-account"] = pod[3],
                ["kubernetes-pod-name"] = "pod-1",
                ["kubernetes-pod-uid"] = "4e2c1b0a-0000-0000-0000-000000000000",
            };
            var session = _accounts.AssumeAsService(Service, new(_roleArn, "eks-my-cluster-pod-1", null, 3600, tags, tags.Keys));
            return http.Response.WriteAsync(
                new JsonObject
                {
                    ["AccessKeyId"] = session.AccessKeyId,
                    ["SecretAccessKey"] = session.Secret,
                    ["Token"] = session.Token,
                    ["AccountId"] = session.Account,
                    ["Expiration"] = session.Expires!.Value.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ"),
                }.ToJsonString(),
                http.RequestAborted);
        }
        catch (StsRefusal refusal)
        {
            http.Response.StatusCode = 403;
            return http.Response.WriteAsync(refusal.Message, http.RequestAborted);
        }
    }
}
