using System.Collections.Immutable;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;

namespace InfraOperator.Grains.Tests.Planning;

/// <summary>Where a test begins: an object, AWS, and what the object's status says is ours.</summary>
internal sealed record Scenario
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset ObjectCreated = Now - TimeSpan.FromDays(10);
    public static readonly DateTimeOffset BeforeObject = ObjectCreated - TimeSpan.FromDays(100);
    public static readonly DateTimeOffset AfterObject = ObjectCreated + TimeSpan.FromSeconds(2);
    public const string Name = "app/backend";

    public static string Ours { get; } = OwnerTag.For(World.Key);

    public required ECRRepository Repository { get; init; }

    public ObservedRepository? Aws { get; init; }

    public Spelling Spelling { get; init; } = Spelling.Respelled;

    public bool AnswersEcho { get; init; }

    public bool CanReadTags { get; init; } = true;

    public bool CanReadPolicies { get; init; } = true;

    public bool HasImages { get; init; }

    public ImmutableSortedDictionary<string, string> DefaultTags { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public DesiredRepository Desired => DesiredRepository.From(Repository, World.Key, DefaultTags);

    public Owned Owned => Owned.From(Repository.Status);

    /// <summary>What a pass would see.</summary>
    public Sight Sight => NewEcr().Observe(new(Name, true, true, true)).Repository is { } seen ? new Sight.Present(seen) : new Sight.Absent();

    public ModelEcr NewEcr() => new(Now)
    {
        Repository = Aws,
        Spelling = Spelling,
        AnswersEcho = AnswersEcho,
        CanReadTags = CanReadTags,
        CanReadPolicies = CanReadPolicies,
        HasImages = HasImages,
    };

    /// <summary>An object of the spec, in its third generation.</summary>
    public static ECRRepository Object(ECRRepositorySpec spec, Owned? owned = null, bool deleting = false) => new()
    {
        Metadata = new()
        {
            Name = World.Key.Name,
            Namespace = World.Key.Namespace,
            Uid = "uid",
            ResourceVersion = "7",
            Generation = 3,
            CreationTimestamp = ObjectCreated,
            DeletionTimestamp = deleting ? Now : null,
            Finalizers = [ApiNames.Finalizer],
        },
        Spec = spec with { ProviderRef = new() { Name = "aws" }, RepositoryName = Name },
        Status = owned is null ? null : StatusOf(owned),
    };

    public static ECRRepositoryStatus StatusOf(Owned owned) => new()
    {
        RepositoryArn = owned.Arn,
        CreationDate = owned.CreationDate,
        Origin = owned.Origin,
        AppliedGeneration = owned.AppliedGeneration,
        Owned = owned.ToRecord(),
    };

    public override string ToString() =>
        $"{ResourceJson.ToJson(Repository)}\nAWS ({Spelling}{(AnswersEcho ? ", echo" : "")}{(CanReadTags ? "" : ", no tags")}{(CanReadPolicies ? "" : ", no policies")}{(HasImages ? ", images" : "")}): "
        + $"{(Aws is null ? "none" : ResourceJson.ToJson(Aws))}\ndefault tags: {string.Join(",", DefaultTags)}";
}
