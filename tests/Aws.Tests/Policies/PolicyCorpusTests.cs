using InfraOperator.Conformance.Policies;

namespace InfraOperator.Aws.Tests.Policies;

/// <summary>AWS's re-spellings are no drift, and what looks alike but is not, is: the pairs that people have met, and each rule by itself.</summary>
public sealed class PolicyCorpusTests
{
    public static TheoryData<string> LifecycleCorpus => [.. PolicyCorpus.Lifecycle.Keys];

    public static TheoryData<string> RepositoryCorpus => [.. PolicyCorpus.Repository.Keys];

    public static TheoryData<string, string, bool> LifecyclePairs => new()
    {
        { Rules("""{"rulePriority":2},{"rulePriority":1}"""), Rules("""{"rulePriority":1},{"rulePriority":2}"""), true },
        { Rules("""{"rulePriority":10}"""), Rules("""{"rulePriority":10.0}"""), true },
        { Rules("""{"rulePriority":10}"""), Rules("""{"rulePriority":1e1}"""), true },
        { Rules("""{"rulePriority":10}"""), Rules("""{"rulePriority":"10"}"""), false },
        { Rules("""{"rulePriority":0}"""), Rules("""{"rulePriority":-0.0e7}"""), true },
        { Rules("""{"rulePriority":123456789012345678901234567890}"""), Rules("""{"rulePriority":123456789012345678901234567891}"""), false },
        { Rules("""{"rulePriority":1e999999999999}"""), Rules("""{"rulePriority":10e999999999998}"""), true },
        { Rules("""{"selection":{"tagPatternList":["b","a"]}}"""), Rules("""{"selection":{"tagPatternList":["a","b"]}}"""), true },
        { Rules("""{"selection":{"tagPatternList":["a","a"]}}"""), Rules("""{"selection":{"tagPatternList":["a"]}}"""), true },
        { Rules("""{"selection":{"tagPatternList":[]}}"""), Rules("""{"selection":{}}"""), true },
        { Rules("""{"selection":{"tagPatternList":["a"]}}"""), Rules("""{"selection":{"tagPrefixList":["a"]}}"""), false },
        { Rules("""{"selection":{"storageClass":"standard"}}"""), Rules("""{"selection":{}}"""), true },
        { Rules("""{"selection":{"storageClass":"archive"}}"""), Rules("""{"selection":{}}"""), false },
        { Rules("""{"description":""}"""), Rules("{}"), true },
        { Rules("""{"description":"a"}"""), Rules("""{"description":"A"}"""), false },
        { Rules("""{"future":1}"""), Rules("""{"future":2}"""), false },
        { Rules("""{"future":[1,2]}"""), Rules("""{"future":[2,1]}"""), false },
        { Rules("""{"future":null}"""), Rules("{}"), false },
        { Rules("""{"description":"\u0041"}"""), Rules("""{"description":"A"}"""), true },
        { Rules("{},{}"), Rules("{}"), false },
        { """{"rules":[],"future":1}""", """{"rules":[]}""", false },
    };

    public static TheoryData<string, string, bool> RepositoryPairs => new()
    {
        { Statement("""{"Sid":"a"},{"Sid":"b"}"""), Statement("""{"Sid":"b"},{"Sid":"a"}"""), true },
        { """{"Statement":{"Sid":"a"}}""", """{"Statement":[{"Sid":"a"}]}""", true },
        { """{"Version":"2008-10-17","Statement":[]}""", """{"Statement":[]}""", true },
        { """{"Version":"2012-10-17","Statement":[]}""", """{"Statement":[]}""", false },
        { """{"Id":"a","Statement":[]}""", """{"Statement":[]}""", false },
        { Statement("""{"Action":"ecr:BatchGetImage"}"""), Statement("""{"Action":["ECR:batchgetimage"]}"""), true },
        { Statement("""{"Action":["a","b"]}"""), Statement("""{"Action":["b","a","a"]}"""), true },
        { Statement("""{"Action":"a"}"""), Statement("""{"NotAction":"a"}"""), false },
        { Statement("""{"Resource":"arn:A"}"""), Statement("""{"Resource":"arn:a"}"""), false },
        { Statement("""{"Principal":"*"}"""), Statement("""{"Principal":{"AWS":"*"}}"""), true },
        { Statement("""{"Principal":"*"}"""), Statement("""{"Principal":"somebody"}"""), false },
        { Statement("""{"Principal":"*"}"""), Statement("""{"NotPrincipal":"*"}"""), false },
        { Statement("""{"Principal":{"AWS":"111122223333"}}"""), Statement("""{"Principal":{"AWS":["arn:aws:iam::111122223333:root"]}}"""), true },
        { Statement("""{"Principal":{"AWS":"111122223333"}}"""), Statement("""{"Principal":{"AWS":"arn:aws-us-gov:iam::111122223333:root"}}"""), true },
        { Statement("""{"Principal":{"AWS":"111122223333"}}"""), Statement("""{"Principal":{"AWS":"arn:aws:iam::111122223333:user/root"}}"""), false },
        { Statement("""{"Principal":{"AWS":"arn:aws:iam::111122223333:role/a"}}"""), Statement("""{"Principal":{"AWS":"AROAEXAMPLEID"}}"""), false },
        { Statement("""{"Principal":{"AWS":["b","a"],"Service":[]}}"""), Statement("""{"Principal":{"AWS":["a","b"]}}"""), true },
        { Statement("""{"Principal":{"Service":"111122223333"}}"""), Statement("""{"Principal":{"Service":"arn:aws:iam::111122223333:root"}}"""), false },
        { Statement("""{"Effect":"Allow"}"""), Statement("""{"Effect":"allow"}"""), false },
        { Statement("""{"Effect":"Allow"}"""), Statement("""{"Effect":"Deny"}"""), false },
        { Statement("""{"Sid":"a"}"""), Statement("""{"Sid":"A"}"""), false },
        { Statement("""{"Condition":{"StringEquals":{"aws:SourceIp":"a"}}}"""), Statement("""{"Condition":{"stringequals":{"AWS:sourceip":["a"]}}}"""), true },
        { Statement("""{"Condition":{"Bool":{"aws:SecureTransport":true}}}"""), Statement("""{"Condition":{"Bool":{"aws:SecureTransport":"true"}}}"""), true },
        { Statement("""{"Condition":{"NumericLessThan":{"a":10.0}}}"""), Statement("""{"Condition":{"NumericLessThan":{"a":"10"}}}"""), true },
        { Statement("""{"Condition":{"StringEquals":{"a":"V"}}}"""), Statement("""{"Condition":{"StringEquals":{"a":"v"}}}"""), false },
        { Statement("""{"Condition":{}}"""), Statement("{}"), true },
        { Statement("""{"Condition":{"StringEquals":{"a":"1","A":"2"}}}"""), Statement("""{"Condition":{"StringEquals":{"a":"2","A":"1"}}}"""), false },
        { Statement("""{"Future":[1,2]}"""), Statement("""{"Future":[2,1]}"""), false },
        { Statement("{},{}"), Statement("{}"), true },
        { Statement("""{"Sid":""}"""), Statement("{}"), true },
        { """{"Id":"","Statement":[]}""", """{"Statement":[]}""", true },
        { Statement("""{"Condition":{"StringEquals":{}}}"""), Statement("{}"), true },
        { Statement("""{"Condition":{"StringEquals":{"a":[]}}}"""), Statement("{}"), false },
    };

    [Theory]
    [MemberData(nameof(LifecycleCorpus))]
    public void Lifecycle_policies_that_people_met_compare_by_what_they_do(string name)
    {
        var pair = PolicyCorpus.Lifecycle[name];
        var wanted = LifecyclePolicy.ParseWanted(LifecyclePolicy.Spell(pair.Wanted).Text);

        Assert.Null(wanted.Error);
        Assert.Equal(pair.Same, wanted.Fingerprint == LifecyclePolicy.Parse(pair.Held).Fingerprint);
    }

    [Theory]
    [MemberData(nameof(RepositoryCorpus))]
    public void Repository_policies_that_people_met_compare_as_IAM_reads_them(string name)
    {
        var pair = PolicyCorpus.Repository[name];
        var wanted = RepositoryPolicy.Parse(pair.Wanted);

        Assert.Null(wanted.Error);
        Assert.Equal(pair.Same, wanted.Fingerprint == RepositoryPolicy.Parse(pair.Held).Fingerprint);
    }

    [Theory]
    [MemberData(nameof(LifecyclePairs))]
    public void Lifecycle_policies_compare_by_what_they_do(string one, string other, bool same) =>
        Assert.Equal(same, LifecyclePolicy.Parse(one).Fingerprint == LifecyclePolicy.Parse(other).Fingerprint);

    [Theory]
    [MemberData(nameof(RepositoryPairs))]
    public void Repository_policies_compare_as_IAM_reads_them(string one, string other, bool same) =>
        Assert.Equal(same, RepositoryPolicy.Parse(one).Fingerprint == RepositoryPolicy.Parse(other).Fingerprint);

    [Theory]
    [InlineData("", "line 1, position 1")]
    [InlineData("{\n  \"rules\": [\n    {,}\n  ]\n}", "line 3, position 6")]
    [InlineData("{\"é\": tru}", "line 1, position ")]
    [InlineData("{\"a\":1,\"a\":1}", "a")]
    [InlineData("[]", "a list")]
    [InlineData("\"text\"", "a string")]
    [InlineData("null", "null")]
    [InlineData("{\"a\":\"\\ud800\"}", "surrogate")]
    [InlineData("{\"\\udfff\":1}", "surrogate")]
    [InlineData("{} {}", "line 1, position 4")]
    [InlineData("{/* comment */}", "line 1, position 2")]
    [InlineData("{\"a\":1,}", "line 1, position 8")]
    [InlineData("{\"a\":NaN}", "line 1, position 6")]
    public void What_is_broken_is_shown_where_it_is_broken(string text, string where)
    {
        foreach (var parse in (PolicyParse[])[LifecyclePolicy.Parse(text), RepositoryPolicy.Parse(text)])
        {
            Assert.False(parse.IsValid);
            Assert.Null(parse.NormalForm);
            Assert.Null(parse.Fingerprint);
            Assert.Contains(where, parse.Error);
            Assert.DoesNotContain("LineNumber", parse.Error);
        }
    }

    [Fact]
    public void Half_a_surrogate_pair_is_no_character() =>
        Assert.Contains("surrogate", LifecyclePolicy.Parse("{\"a\":\"" + (char)0xD800 + "\"}").Error);

    [Fact]
    public void Depth_and_size_are_bounded()
    {
        Assert.False(LifecyclePolicy.Parse(string.Concat(Enumerable.Repeat("{\"a\":", 100_000))).IsValid);
        Assert.False(RepositoryPolicy.Parse(string.Concat(Enumerable.Repeat("{\"a\":", 40)) + "1" + new string('}', 40)).IsValid);
        Assert.Contains("400000 characters", LifecyclePolicy.Parse(new string('[', 400_000)).Error);
        Assert.True(LifecyclePolicy.Parse($$"""{"rules":[{"description":"{{new string('x', 200_000)}}"}]}""").IsValid);
    }

    private static string Rules(string rules) => $$"""{"rules":[{{rules}}]}""";

    private static string Statement(string statements) => $$"""{"Statement":[{{statements}}]}""";
}
