using System.Net;
using InfraOperator.Aws.Endpoints;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Aws.Tests;

/// <summary>Where an endpoint may lead that a tenant chose.</summary>
public sealed class EndpointGuardTests : AwsTest
{
    private static readonly EndpointGuard Guard = new([IPNetwork.Parse("10.96.0.0/12")]);

    [Theory]
    [InlineData("http://localhost:4566", "this machine")]
    [InlineData("http://LOCALHOST./", "this machine")]
    [InlineData("http://aws.localhost", "this machine")]
    [InlineData("http://127.0.0.1:4566", "loopback")]
    [InlineData("http://2130706433/", "loopback")]
    [InlineData("http://0x7f.1/", "loopback")]
    [InlineData("http://[::1]/", "loopback")]
    [InlineData("http://[::ffff:127.0.0.1]/", "loopback")]
    [InlineData("http://[64:ff9b::7f00:1]/", "loopback")]
    [InlineData("http://169.254.169.254/latest/meta-data", "link-local")]
    [InlineData("http://[64:ff9b:1::7f00:1]/", "translated")]
    [InlineData("http://[2002:a9fe:a9fe::1]/", "translated")]
    [InlineData("http://[2001:0:c000:0::5601:5601]/", "translated")]
    [InlineData("http://[::ffff:0:127.0.0.1]/", "translated")]
    [InlineData("http://[fe80::1]/", "link-local")]
    [InlineData("http://[fe80::1%25eth0]/", "link-local")]
    [InlineData("http://127.0.0.1./", "loopback")]
    [InlineData("http://0177.0.0.1/", "loopback")]
    [InlineData("http://0xa9fea9fe/", "link-local")]
    [InlineData("http://169\u3002254\u3002169\u3002254/", "link-local")]
    [InlineData("http://name@127.0.0.1/", "loopback")]
    [InlineData("http://[fd00:ec2::254]/", "instance's metadata")]
    [InlineData("http://0.0.0.0:80", "no address of a server")]
    [InlineData("http://[::]/", "no address of a server")]
    [InlineData("http://10.96.0.1", "configuration refuses")]
    [InlineData("http://[::ffff:10.96.0.1]", "configuration refuses")]
    [InlineData("https://kubernetes", "without a dot")]
    [InlineData("https://kubernetes.default.svc", "name of the cluster")]
    [InlineData("https://kubernetes.default.svc.", "name of the cluster")]
    [InlineData("https://kubernetes.default.SVC.cluster.local", "name of the cluster")]
    [InlineData("https://kubernetes.default.svc.example.org", "name of the cluster")]
    [InlineData("https://pod-0.kubernetes.default.svc.example.org", "name of the cluster")]
    [InlineData("http://10-0-0-1.default.pod.cluster.local", "name of the cluster")]
    [InlineData("http://anything.cluster.local", "name of the cluster")]
    public void What_only_this_process_can_reach_is_refused_by_name(string endpoint, string why) => Assert.Contains(why, Guard.RefusalOf(new Uri(endpoint)));

    [Theory]
    [InlineData("https://vpce-0a1b2c.api.ecr.eu-west-1.vpce.amazonaws.com")]
    [InlineData("https://minio.example.com:9000")]
    [InlineData("https://svc.example.com")]
    [InlineData("http://203.0.113.7")]
    [InlineData("http://10.0.0.1")]
    [InlineData("http://[2001:db8::1]")]
    public void Others_are_not(string endpoint) => Assert.Null(Guard.RefusalOf(new Uri(endpoint)));

    [Theory]
    [InlineData("127.0.0.1", "loopback")]
    [InlineData("169.254.169.254", "link-local")]
    [InlineData("10.97.3.4", "configuration refuses")]
    [InlineData("::ffff:169.254.169.254", "link-local")]
    [InlineData("2002:a9fe:a9fe::1", "translated")]
    public async Task What_a_name_leads_to_is_refused_when_connecting(string address, string why)
    {
        var asked = new List<string>();
        var guard = new EndpointGuard([IPNetwork.Parse("10.96.0.0/12")], (host, _) =>
        {
            asked.Add(host);
            return Task.FromResult<IPAddress[]>([IPAddress.Parse(address)]);
        });
        using var factory = new AwsClientFactory(Clock, NullLoggerFactory.Instance, guard: guard);
        var failure = await FailureOf(() => Create("app", factory.Create(Keys, new("us-east-1", new($"http://ecr.example.com:{Sandbox.Url.Port}"), IsGuarded: true))));

        Assert.Equal(AwsFailureKind.InvalidParameter, failure.Kind);
        Assert.False(failure.OutcomeUnknown);
        Assert.Contains($"'ecr.example.com' is refused, because it leads to {address}", failure.Message);
        Assert.Contains(why, failure.Message);

        // Without its dot the cluster's own domains would be tried behind it.
        Assert.All(asked, host => Assert.Equal("ecr.example.com.", host));
        Assert.Empty((await Clients.Ecr.DescribeRepositoriesAsync(new(), Cancel)).Repositories ?? []);
    }

    [Fact]
    public async Task Of_many_addresses_only_those_are_tried_that_may_be()
    {
        var guard = new EndpointGuard(
            [IPNetwork.Parse("203.0.113.0/24")],
            static (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("203.0.113.9"), IPAddress.Parse("127.0.0.3"), IPAddress.Loopback]),
            refusesOwn: false);
        using var factory = new AwsClientFactory(Clock, NullLoggerFactory.Instance, guard: guard);
        var created = await Create("app", factory.Create(Keys, new("us-east-1", new($"http://ecr.example.com:{Sandbox.Url.Port}"), IsGuarded: true)));
        Assert.Equal("app", created.Repository?.RepositoryName);
    }

    [Fact]
    public async Task What_the_operator_names_is_not_guarded()
    {
        using var factory = new AwsClientFactory(Clock, NullLoggerFactory.Instance, guard: new([], static (_, _) => throw new InvalidOperationException()));
        Assert.NotNull(await Create("app", factory.Create(Keys, new("us-east-1", Sandbox.Url))));
    }
}
