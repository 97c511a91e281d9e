using System.Net;
using InfraOperator.Conformance.Network;
using InfraOperator.Sandbox.Ecr;

namespace InfraOperator.Aws.Tests;

/// <summary>What goes wrong at AWS or on the way becomes the right value, after the right number of attempts.</summary>
public sealed class FaultTests : AwsTest
{
    public static TheoryData<string> Throttles => ["json", "xml", "bare"];

    [Theory]
    [MemberData(nameof(Throttles))]
    public async Task A_throttle_in_any_form_surfaces_at_once(string form)
    {
        Sandbox.Faults.Add("*", form switch { "json" => EcrFault.Throttle, "xml" => EcrFault.ThrottleAsXml, _ => EcrFault.BareThrottle });

        var failure = await FailureOf(() => Create("throttled"));

        Assert.Equal(AwsFailureKind.Throttled, failure.Kind);
        Assert.False(failure.OutcomeUnknown);
        Assert.NotEmpty(failure.Message);
        Assert.Equal(1, Sandbox.Calls("CreateRepository"));
    }

    [Theory]
    [MemberData(nameof(Throttles))]
    public async Task A_throttled_STS_is_no_broken_credential(string form)
    {
        Sandbox.Faults.Add("AssumeRole", form switch { "json" => EcrFault.Throttle, "xml" => EcrFault.ThrottleAsXml, _ => EcrFault.BareThrottle });
        var role = ClientsOf(new AssumedRole(Keys, "arn:aws:iam::111122223333:role/a", null, "test.session"));

        var failure = await FailureOf(() => Create("throttled", role));

        Assert.Equal(AwsFailureKind.Throttled, failure.Kind);
        Assert.Equal("AssumeRole", failure.Operation);
        Assert.Equal(0, Sandbox.Calls("CreateRepository"));
    }

    [Fact]
    public async Task One_throttle_of_STS_is_not_even_seen()
    {
        Sandbox.Faults.Add("AssumeRole", EcrFault.ThrottleAsXml, times: 1);

        await Create("once", ClientsOf(new AssumedRole(Keys, "arn:aws:iam::111122223333:role/a", null, "test.session")));

        Assert.Equal(2, Sandbox.Calls("AssumeRole"));
        Assert.Equal(1, Sandbox.Calls("CreateRepository"));
    }

    [Fact]
    public async Task A_used_up_quota_is_no_throttle()
    {
        Sandbox.Faults.Add("CreateRepository", EcrFault.LimitExceeded);

        var failure = await FailureOf(() => Create("quota"));

        Assert.Equal(AwsFailureKind.QuotaExceeded, failure.Kind);
        Assert.Equal(1, Sandbox.Calls("CreateRepository"));
    }

    [Fact]
    public async Task A_denial_names_the_action_and_is_not_repeated()
    {
        Sandbox.Faults.Add("PutLifecyclePolicy", new EcrFault.AccessDenied());
        await Create("denied");

        var failure = await FailureOf(() => Clients.Ecr.PutLifecyclePolicyAsync(new() { RepositoryName = "denied", LifecyclePolicyText = "{}" }, Cancel));

        Assert.Equal(AwsFailureKind.AccessDenied, failure.Kind);
        Assert.Contains("is not authorized to perform: ecr:PutLifecyclePolicy on resource: arn:aws:ecr:us-east-1:000000000000:repository/denied", failure.Message);
        Assert.Equal(1, Sandbox.Calls("PutLifecyclePolicy"));
    }

    [Fact]
    public async Task A_denied_role_is_asked_for_once_by_all_its_callers()
    {
        Sandbox.Faults.Add("AssumeRole", new EcrFault.AccessDenied());
        var role = ClientsOf(new AssumedRole(Keys, "arn:aws:iam::111122223333:role/a", null, "test.session"));

        var failures = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => FailureOf(() => Create("denied", role))));

        Assert.All(failures, failure => Assert.Equal((AwsFailureKind.AccessDenied, "AssumeRole"), (failure.Kind, failure.Operation)));
        Assert.Contains("sts:AssumeRole", failures[0].Message);
        Assert.Equal(1, Sandbox.Calls("AssumeRole"));
    }

    [Theory]
    [InlineData("ServerException", 500, AwsFailureKind.Unavailable, true)]
    [InlineData("ServiceUnavailable", 503, AwsFailureKind.Unavailable, true)]
    [InlineData("KmsException", 400, AwsFailureKind.KmsKeyNotUsable, false)]
    [InlineData("TooManyTagsException", 400, AwsFailureKind.TooManyTags, false)]
    [InlineData("InvalidTagParameterException", 400, AwsFailureKind.InvalidTag, false)]
    [InlineData("ValidationException", 400, AwsFailureKind.InvalidParameter, false)]
    [InlineData("UnrecognizedClientException", 400, AwsFailureKind.CredentialsExpired, false)]
    [InlineData("BlockedByOrganizationPolicyException", 403, AwsFailureKind.AccessDenied, false)]
    [InlineData("SomethingNewException", 400, AwsFailureKind.Unknown, false)]
    [InlineData("com.amazonaws.ecr#LimitExceededException", 400, AwsFailureKind.QuotaExceeded, false)]
    public async Task An_error_keeps_its_meaning_code_and_words(string code, int status, AwsFailureKind kind, bool outcomeUnknown)
    {
        Sandbox.Faults.Add("CreateRepository", new EcrFault.Error(status, code, "AWS's own words"));

        var failure = await FailureOf(() => Create("error"));

        Assert.Equal((kind, code.Split('#')[^1], "AWS's own words", outcomeUnknown), (failure.Kind, failure.Code, failure.Message, failure.OutcomeUnknown));
        Assert.NotNull(failure.RequestId);
    }

    [Theory]
    [InlineData(200, "<html>a captive portal</html>")]
    [InlineData(200, """{"repository":7}""")]
    [InlineData(502, "<html>Bad gateway</html>")]
    [InlineData(500, "")]
    public async Task An_answer_that_is_not_AWSs_is_AWS_unavailable(int status, string body)
    {
        Sandbox.Faults.Add("CreateRepository", new EcrFault.Raw(status, body));

        var failure = await FailureOf(() => Create("garbled"));

        Assert.Equal(AwsFailureKind.Unavailable, failure.Kind);
        Assert.True(failure.OutcomeUnknown);
        Assert.NotEmpty(failure.Message);
    }

    [Fact]
    public async Task A_creation_whose_answer_was_lost_ends_in_AlreadyExists_and_says_that_it_may_be_itself()
    {
        Sandbox.Faults.Add("CreateRepository", new EcrFault.ResetAfter(), times: 1);

        var failure = await FailureOf(() => Create("mine"));

        Assert.Equal(AwsFailureKind.RepositoryAlreadyExists, failure.Kind);
        Assert.True(failure.OutcomeUnknown);
        Assert.Equal("mine", Assert.Single((await Clients.Ecr.DescribeRepositoriesAsync(new(), Cancel)).Repositories!).RepositoryName);
    }

    [Fact]
    public async Task Connections_that_always_break_are_tried_a_few_times_only()
    {
        Sandbox.Faults.Add("CreateRepository", new EcrFault.ResetBefore());

        var failure = await FailureOf(() => Create("broken"));

        Assert.Equal((AwsFailureKind.Unavailable, true), (failure.Kind, failure.OutcomeUnknown));
        Assert.InRange(Sandbox.Calls("CreateRepository"), 2, 4);
    }

    [Fact]
    public async Task Nobody_listening_means_that_nothing_was_done()
    {
        var nobody = Factory.Create(Keys, new AwsTarget("us-east-1", new Uri($"http://127.0.0.1:{FreePort()}")));

        var failure = await FailureOf(() => Create("nobody", nobody));

        Assert.Equal((AwsFailureKind.Unavailable, false), (failure.Kind, failure.OutcomeUnknown));
    }

    [Fact]
    public async Task A_certificate_of_a_CA_that_nobody_knows_is_named_with_what_to_do()
    {
        using var authority = new PrivateAuthority();
        await using var front = new TlsFront(authority.Issue, Sandbox.Url);

        var failure = await FailureOf(() => Create("untrusted", Factory.Create(Keys, new("us-east-1", front.Url))));

        Assert.Equal((AwsFailureKind.Unavailable, false), (failure.Kind, failure.OutcomeUnknown));
        Assert.Equal(
            $"The certificate of {front.Url.Authority} is signed by no CA that this process trusts (PartialChain). If a private CA signs for it, or for a proxy on the way, give the operator that CA's certificate and have SSL_CERT_DIR name its folder.",
            failure.Message);
        Assert.Empty(Sandbox.Log);
    }

    [Fact]
    public async Task A_certificate_of_another_name_is_told_of_with_the_server()
    {
        using var authority = new PrivateAuthority();
        await using var front = new TlsFront(_ => authority.Issue("another.example.com"), Sandbox.Url);

        var failure = await FailureOf(() => Create("untrusted", Factory.Create(Keys, new("us-east-1", front.Url))));

        Assert.StartsWith($"The TLS connection to {front.Url.Authority} could not be made: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("RemoteCertificateNameMismatch", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_TLS_is_told_of_with_its_name()
    {
        var failure = await FailureOf(() => Create("plain", Factory.Create(Keys, new("us-east-1", new($"https://{Sandbox.Url.Authority}")))));

        Assert.StartsWith($"The TLS connection to {Sandbox.Url.Authority} could not be made: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repository_may_not_be_visible_right_after_its_creation()
    {
        Sandbox.Faults.Add("CreateRepository", new EcrFault.NotYetVisible(TimeSpan.FromSeconds(90)));
        await Create("late");

        Assert.Equal(AwsFailureKind.RepositoryNotFound, (await FailureOf(Read)).Kind);
        Assert.Equal(AwsFailureKind.RepositoryAlreadyExists, (await FailureOf(() => Create("late"))).Kind);
        Clock.Advance(TimeSpan.FromSeconds(90));
        await Read();

        Task Read() => Clients.Ecr.DescribeRepositoriesAsync(new() { RepositoryNames = ["late"] }, Cancel);
    }

    [Fact]
    public async Task Who_eats_up_his_retries_leaves_others_theirs()
    {
        var other = ClientsOf(Keys with { AccessKeyId = "AKIAOTHER" });
        Sandbox.Faults.Add("CreateRepository", new EcrFault.Error(500, "ServerException", "not now"), accessKeyId: KeyId);
        await Task.WhenAll(Enumerable.Range(0, 150).Select(_ => FailureOf(() => Create("flood"))));
        Assert.Equal(250, Sandbox.Calls("CreateRepository"));

        Sandbox.Faults.Add("CreateRepository", new EcrFault.Error(500, "ServerException", "not now"), times: 1, accessKeyId: "AKIAOTHER");
        await Create("other", other);
    }

    [Fact]
    public async Task Nothing_of_ours_is_taken_for_a_failure_of_AWS()
    {
        Assert.Null(AwsFailure.From(new InvalidOperationException("a bug"), "CreateRepository"));
        Assert.Null(AwsFailure.From(new OperationCanceledException(), "CreateRepository"));
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Clients.Ecr.CreateRepositoryAsync(new() { RepositoryName = "cancelled" }, new CancellationToken(canceled: true)));
        Assert.Null(AwsFailure.From(cancelled, "CreateRepository"));
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
