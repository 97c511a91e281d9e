using BenchmarkDotNet.Attributes;
using InfraOperator.Aws;

namespace InfraOperator.Benchmarks.Pieces;

/// <summary>What it costs to find out whether AWS's spelling of a policy means the same.</summary>
public class Policies
{
    private static readonly string Long = $$"""{"Version":"2012-10-17","Statement":[{{string.Join(',', Enumerable.Range(0, 20).Select(Statement))}}]}""";

    /// <summary>A lifecycle policy of one rule.</summary>
    [Benchmark(Description = "compare a lifecycle policy of one rule")]
    public bool Lifecycle() => LifecyclePolicy.Parse(Repositories.Lifecycle).Fingerprint == LifecyclePolicy.Parse(Repositories.Lifecycle + " ").Fingerprint;

    /// <summary>A repository policy of one statement.</summary>
    [Benchmark(Description = "compare a repository policy of one statement")]
    public bool Repository() => RepositoryPolicy.Parse(Repositories.Policy).Fingerprint == RepositoryPolicy.Parse(Repositories.Policy + " ").Fingerprint;

    /// <summary>A repository policy of twenty statements.</summary>
    [Benchmark(Description = "compare a repository policy of 20 statements, 6 KB")]
    public bool LongRepository() => RepositoryPolicy.Parse(Long).Fingerprint == RepositoryPolicy.Parse(Long + " ").Fingerprint;

    private static string Statement(int number) => $$$"""
        {"Sid":"Statement{{{number}}}","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::{{{111_111_111_111 + number}}}:root","arn:aws:iam::222222222222:role/deploy-{{{number}}}"]},
        "Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer","ecr:BatchCheckLayerAvailability"],"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-{{{number}}}"} } }
        """;
}
