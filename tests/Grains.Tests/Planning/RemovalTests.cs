using CsCheck;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;

namespace InfraOperator.Grains.Tests.Planning;

/// <summary>A value taken out of the spec is taken out of AWS if, and only if, we had set it.</summary>
public sealed class RemovalTests
{
    private static readonly Gen<Scenario> Fresh =
        from scenario in Generate.Scenarios()
        from exists in Gen.Bool
        let aws = scenario.Aws is { } repository && exists ? repository with { Tags = repository.Tags!.Remove(ApiNames.OwnerTag) } : null
        select scenario with
        {
            Aws = aws,
            Repository = Scenario.Object(scenario.Repository.Spec with { AdoptionPolicy = null, ManagementPolicy = null }),
        };

    [Fact]
    public void A_value_taken_out_of_the_spec_is_taken_out_of_AWS_only_if_we_had_set_it() => Fresh.Sample(scenario =>
    {
        var world = new World(scenario);
        if (world.Settle().Plan.Relation != Relation.Ours)
        {
            return;
        }

        var before = world.Ecr.Repository!;
        var writes = world.Ecr.Writes.ToList();
        var created = scenario.Aws is null;

        world.DefaultTags = world.DefaultTags.Clear();
        world.Edit(_ => Scenario.Object(new()).Spec);
        world.Settle();
        var after = world.Ecr.Repository!;

        Assert.Equal(WeSet<PutImageTagMutability>(create => create.ImageTagMutability is not null) ? "MUTABLE" : before.ImageTagMutability, after.ImageTagMutability);
        Assert.Equal(!WeSet<PutImageScanningConfiguration>(create => create.ScanOnPush is not null) && before.ScanOnPush, after.ScanOnPush);
        Assert.Equal(WeSet<PutLifecyclePolicy>(_ => false) ? PolicyReading.None : before.LifecyclePolicy, after.LifecyclePolicy);
        Assert.Equal(WeSet<SetRepositoryPolicy>(_ => false) ? PolicyReading.None : before.RepositoryPolicy, after.RepositoryPolicy);
        var tagged = created
            ? before.Tags!.Keys.ToHashSet()
            : writes.OfType<TagResource>().SelectMany(tag => tag.Tags.Keys).ToHashSet();
        Assert.Equal(before.Tags!.Keys.Where(key => key == ApiNames.OwnerTag || !tagged.Contains(key)), after.Tags!.Keys);
        Assert.Null(world.Repository.Status!.Owned);

        bool WeSet<TPut>(Func<CreateRepository, bool> inCreate) => writes.Any(write => write is TPut || (created && write is CreateRepository create && inCreate(create)));
    }, iter: 2000);

    [Fact]
    public void What_a_crash_left_unrecorded_on_a_repository_that_we_made_is_ours_all_the_same() => Fresh.Where(scenario => scenario.Aws is null).Sample(scenario =>
    {
        var world = new World(scenario);
        var writes = Planner.Plan(world.Desired, new Sight.Absent(), Owned.Nothing, world.Now).Actions.Length;
        world.Reconcile(crashAfter: writes);
        world.Advance(TimeSpan.FromMinutes(5));
        world.Settle();
        world.DefaultTags = world.DefaultTags.Clear();
        world.Edit(_ => Scenario.Object(new()).Spec);
        world.Settle();

        var plain = ModelEcr.Plain(Scenario.Name, Scenario.Now);
        Assert.Equal(
            (plain with { EncryptionType = world.Ecr.Repository!.EncryptionType, KmsKey = world.Ecr.Repository.KmsKey, Tags = plain.Tags!.Add(ApiNames.OwnerTag, Scenario.Ours) }).Describe(),
            world.Ecr.Repository.Describe());
    }, iter: 500);

    [Fact]
    public void A_value_taken_out_while_AWS_denies_reading_it_is_not_forgotten()
    {
        var owned = Owned.Nothing.Holding(ModelEcr.Plain(Scenario.Name, Scenario.AfterObject), Origins.Created) with
        {
            TagKeys = ["env"],
            LifecyclePolicy = new() { Wanted = "w", Observed = "w" },
            RepositoryPolicy = new() { Wanted = "w", Observed = "w" },
        };
        var aws = ModelEcr.Plain(Scenario.Name, Scenario.AfterObject) with
        {
            Tags = ModelEcr.Plain(Scenario.Name, Scenario.AfterObject).Tags!.Add("env", "1").Add(ApiNames.OwnerTag, Scenario.Ours),
            LifecyclePolicy = new(true, SamplePolicies.Lifecycle[0]),
            RepositoryPolicy = new(true, SamplePolicies.Repository[0]),
        };
        var blind = new World(new() { Repository = Scenario.Object(new(), owned), Aws = aws, CanReadTags = false, CanReadPolicies = false });
        blind.Reconcile();

        var seeing = new World(new() { Repository = blind.Repository, Aws = blind.Ecr.Repository });
        seeing.Reconcile();

        Assert.Equal([ApiNames.OwnerTag], seeing.Ecr.Repository!.Tags!.Keys);
        Assert.Equal(PolicyReading.None, seeing.Ecr.Repository.LifecyclePolicy);
        Assert.Equal(PolicyReading.None, seeing.Ecr.Repository.RepositoryPolicy);
    }
}
