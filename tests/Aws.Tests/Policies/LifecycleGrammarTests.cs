namespace InfraOperator.Aws.Tests.Policies;

/// <summary>What AWS is known to refuse is found before AWS is asked, by rule, field and mend; and what people write otherwise is spelled AWS's way.</summary>
public sealed class LifecycleGrammarTests
{
    private const string Untagged = """{"rulePriority":1,"selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":14},"action":{"type":"expire"}}""";
    private const string Any = """{"rulePriority":2,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":10},"action":{"type":"expire"}}""";

    public static TheoryData<string, string, string, string> Broken => new()
    {
        { Any, "\"rulePriority\":2", "\"rulePriority\":1", "rule 2, rulePriority: 1 is that of rule 1 too" },
        { Any, "\"rulePriority\":2", "\"rulePriority\":0", "rule 2, rulePriority: must be" },
        { Any, "\"rulePriority\":2", "\"rulePriority\":1.5", "rule 2, rulePriority: must be" },
        { Untagged, "\"rulePriority\":1", "\"rulePriority\":3", "rule 2, selection.tagStatus: 'any' must come last, and rule 1" },
        { Untagged, "\"untagged\"", "\"any\"", "rule 2, selection.tagStatus: 'any' is already in rule 1" },
        { Untagged, "\"untagged\"", "\"none\"", "rule 1, selection.tagStatus: must be" },
        { Untagged, "\"untagged\"", "\"untagged\",\"tagPrefixList\":[\"v\"]", "rule 1, selection: has a list of tags" },
        { Untagged, "\"untagged\"", "\"tagged\",\"tagPrefixList\":[\"v\"],\"tagPatternList\":[\"v*\"]", "rule 1, selection: has both" },
        { Untagged, "\"countUnit\":\"days\",", "", "rule 1, selection.countUnit: must be days" },
        { Untagged, "sinceImagePushed", "sinceLunch", "rule 1, selection.countType: must be one of" },
        { Untagged, "14", "0", "rule 1, selection.countNumber: must be" },
        { Any, "\"countNumber\"", "\"countUnit\":\"days\",\"countNumber\"", "rule 2, selection.countUnit: does not go with imageCountMoreThan" },
        { Untagged, "14", "1.5", "rule 1, selection.countNumber: must be" },
        { Untagged, "14", "\"14\"", "rule 1, selection.countNumber: must be" },
        { Untagged, "days", "weeks", "rule 1, selection.countUnit: must be days" },
        { Any, "\"any\"", "\"any\",\"tagPatternList\":[\"*\"]", "rule 2, selection: has a list of tags, which tagStatus 'any' does not take; take the list out" },
        { Any, "expire", "archive", "rule 2, action.type: must be" },
        { Any, "\"selection\"", "\"selections\"", "rule 2, selection.tagStatus: must be" },
        { Any, Any, "7", "rule 2, rulePriority: must be" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_rule_is_named(string rule, string part, string replacement, string words)
    {
        var policy = Policy(Untagged, Any).Replace(rule, rule.Replace(part, replacement, StringComparison.Ordinal), StringComparison.Ordinal);

        Assert.Contains(words, LifecyclePolicy.ParseWanted(policy).Error);
        Assert.True(LifecyclePolicy.Parse(policy).IsValid);
    }

    [Theory]
    [InlineData("{}", "rules: must be a list")]
    [InlineData("""{"rules":[]}""", "rules: must be a list")]
    [InlineData("""{"rules":{}}""", "AWS takes 100 to 30720")]
    [InlineData("[]", "not a JSON object")]
    public void A_broken_policy_is_named(string policy, string words) => Assert.Contains(words, LifecyclePolicy.ParseWanted(policy).Error);

    [Fact]
    public void A_policy_that_is_too_long_is_named() =>
        Assert.Contains("30721 characters; AWS takes 100 to 30720", LifecyclePolicy.ParseWanted(Policy(Untagged, Any).PadRight(30_721)).Error);

    [Fact]
    public void Every_problem_is_named_at_once()
    {
        var policy = Policy(Any, Untagged.Replace("\"days\"", "\"weeks\"", StringComparison.Ordinal)).Replace("\"rulePriority\":2", "\"rulePriority\":0", StringComparison.Ordinal);

        Assert.Equal(
            "rule 1, rulePriority: must be a whole number from 1; rule 2, selection.countUnit: must be days; "
            + "rule 1, selection.tagStatus: 'any' must come last, and rule 2 has a higher rulePriority; give this rule the highest",
            LifecyclePolicy.ParseWanted(policy).Error);
    }

    [Fact]
    public void Each_storage_class_has_its_own_last_rule()
    {
        var archived = Any.Replace("\"rulePriority\":2", "\"rulePriority\":3", StringComparison.Ordinal).Replace("\"any\"", "\"any\",\"storageClass\":\"archive\"", StringComparison.Ordinal);
        Assert.True(LifecyclePolicy.ParseWanted(Policy(Untagged, Any, archived)).IsValid);

        var second = archived.Replace("\"rulePriority\":3", "\"rulePriority\":4", StringComparison.Ordinal);
        Assert.Contains("rule 4, selection.tagStatus: 'any' is already in rule 3", LifecyclePolicy.ParseWanted(Policy(Untagged, Any, archived, second)).Error);
    }

    [Fact]
    public void A_translated_policy_keeps_its_letters()
    {
        var spelling = LifecyclePolicy.Spell(Policy(Untagged.Replace("\"untagged\"", "\"tagged\"", StringComparison.Ordinal), Any.Replace("\"selection\"", "\"description\":\"最新の 10 個 <>&\",\"selection\"", StringComparison.Ordinal)));

        Assert.Contains("最新の 10 個 <>&", spelling.Text);
    }

    [Fact]
    public void Fifty_rules_are_taken_and_one_more_is_not()
    {
        Assert.True(LifecyclePolicy.ParseWanted(Policy(Many(50))).IsValid);
        Assert.Contains("1 to 50", LifecyclePolicy.ParseWanted(Policy(Many(51))).Error);

        static string[] Many(int count) => [.. Enumerable.Range(1, count).Select(priority => Untagged.Replace("\"rulePriority\":1", $"\"rulePriority\":{priority}", StringComparison.Ordinal))];
    }

    [Fact]
    public void What_AWS_takes_passes_and_means_the_same()
    {
        var policy = Policy(Untagged, Any.Replace("\"action\"", "\"future\":1,\"action\"", StringComparison.Ordinal));

        Assert.Equal(LifecyclePolicy.Parse(policy).Fingerprint, LifecyclePolicy.ParseWanted(policy).Fingerprint);
        Assert.Equal((policy, 0), (LifecyclePolicy.Spell(policy).Text, LifecyclePolicy.Spell(policy).Notes.Count));
    }

    [Theory]
    [InlineData("\"untagged\"", "\"tagged\"", "\"tagged\",\"tagPatternList\":[\"*\"]", "tagPatternList")]
    [InlineData("\"untagged\"", "\"tagged\",\"tagPrefixList\":[]", "\"tagged\",\"tagPatternList\":[\"*\"]", "tagPatternList")]
    [InlineData("\"days\",\"countNumber\":14", "\"months\",\"countNumber\":2", "\"days\",\"countNumber\":62", "62 days")]
    [InlineData("\"days\",\"countNumber\":14", "\"years\",\"countNumber\":1", "\"days\",\"countNumber\":366", "366 days")]
    public void What_people_write_is_spelled_AWSs_way_and_said(string part, string written, string sent, string note)
    {
        var spelling = LifecyclePolicy.Spell(Policy(Untagged.Replace(part, written, StringComparison.Ordinal), Any));

        Assert.Equal(LifecyclePolicy.Parse(Policy(Untagged.Replace(part, sent, StringComparison.Ordinal), Any)).Fingerprint, LifecyclePolicy.ParseWanted(spelling.Text).Fingerprint);
        Assert.Contains(note, Assert.Single(spelling.Notes));
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("[]")]
    [InlineData("""{"rules":[1,{"selection":[]},{"selection":{"tagStatus":7,"countUnit":"months","countNumber":"x"}}]}""")]
    public void What_is_no_policy_comes_back_as_it_is(string text) => Assert.Equal(text, LifecyclePolicy.Spell(text).Text);

    private static string Policy(params string[] rules) => $$"""{"rules":[{{string.Join(',', rules)}}]}""";
}
