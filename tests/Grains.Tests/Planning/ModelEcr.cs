using System.Collections.Immutable;
using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Tests.Planning;

/// <summary>What AWS makes of a policy that it keeps.</summary>
internal enum Spelling
{
    /// <summary>Nothing: the text stays as it was put.</summary>
    Verbatim,

    /// <summary>Another text of the same meaning, as ECR is known to make.</summary>
    Respelled,

    /// <summary>A text whose sameness nobody foresaw.</summary>
    Unforeseen,
}

/// <summary>
/// ECR as one provider sees one repository name: each write does what AWS does, refusals and all, and answers what
/// <c>EcrCalls</c> makes of AWS's answer.
/// </summary>
internal sealed class ModelEcr(DateTimeOffset now)
{
    public const string Account = "123456789012";

    /// <summary>The truth. Tags and policies in it are always read.</summary>
    public ObservedRepository? Repository { get; set; }

    public Spelling Spelling { get; init; } = Spelling.Respelled;

    /// <summary>Whether the answer to a put repeats what was put, and only a read shows what AWS made of it.</summary>
    public bool AnswersEcho { get; init; }

    public bool CanReadTags { get; init; } = true;

    public bool CanReadPolicies { get; init; } = true;

    public bool HasImages { get; init; }

    /// <summary>The time at which a repository is created now.</summary>
    public DateTimeOffset Now { get; set; } = now;

    /// <summary>Every write that was asked for, in order.</summary>
    public List<EcrAction> Writes { get; } = [];

    public Observation Observe(ObserveRequest request)
    {
        if (Repository is not { } repository)
        {
            return new();
        }

        var failures = ImmutableArray.CreateBuilder<CallFailure>();
        return new()
        {
            Repository = repository with
            {
                Tags = CanReadTags ? repository.Tags : Denied<ImmutableSortedDictionary<string, string>?>("ListTagsForResource", null),
                LifecyclePolicy = Read(request.LifecyclePolicy, repository.LifecyclePolicy, "GetLifecyclePolicy"),
                RepositoryPolicy = Read(request.RepositoryPolicy, repository.RepositoryPolicy, "GetRepositoryPolicy"),
                Images = request.Images ? new(HasImages ? 3 : 0, HasImages ? 3000 : 0, false) : null,
            },
            PartialFailures = failures.ToImmutable(),
        };

        PolicyReading Read(bool asked, PolicyReading truth, string operation) =>
            !asked ? PolicyReading.NotRead : CanReadPolicies ? truth : Denied(operation, PolicyReading.NotRead);

        T Denied<T>(string operation, T instead)
        {
            failures.Add(new(FailureKind.AccessDenied, operation, "not authorized"));
            return instead;
        }
    }

    public ActionOutcome Execute(EcrAction action)
    {
        Writes.Add(action);
        if (action is CreateRepository create)
        {
            return Create(create);
        }

        if (Repository is not { } repository)
        {
            return action is DeleteRepository ? ActionOutcome.Done : Fail(FailureKind.RepositoryNotFound, action);
        }

        switch (action)
        {
            case PutImageTagMutability put when !FiltersFit(put.ImageTagMutability, put.ExclusionFilters):
                return Fail(FailureKind.InvalidParameter, action);
            case PutImageTagMutability put:
                Repository = repository with { ImageTagMutability = put.ImageTagMutability, ExclusionFilters = [.. put.ExclusionFilters.Reverse()] };
                return ActionOutcome.Done;
            case PutImageScanningConfiguration put:
                Repository = repository with { ScanOnPush = put.ScanOnPush };
                return ActionOutcome.Done;
            case PutLifecyclePolicy { PolicyText: var text } when SamplePolicies.IsRefused(text):
            case SetRepositoryPolicy { PolicyText: var policy } when SamplePolicies.IsRefused(policy):
                return Fail(FailureKind.InvalidParameter, action);
            case PutLifecyclePolicy put:
                Repository = repository with { LifecyclePolicy = new(true, SamplePolicies.Kept(put.PolicyText, Spelling)) };
                return new() { PolicyText = AnswersEcho ? put.PolicyText : Repository.LifecyclePolicy.Text };
            case SetRepositoryPolicy set:
                Repository = repository with { RepositoryPolicy = new(true, SamplePolicies.Kept(set.PolicyText, Spelling)) };
                return new() { PolicyText = AnswersEcho ? set.PolicyText : Repository.RepositoryPolicy.Text };
            case DeleteLifecyclePolicy:
                Repository = repository with { LifecyclePolicy = PolicyReading.None };
                return ActionOutcome.Done;
            case DeleteRepositoryPolicy:
                Repository = repository with { RepositoryPolicy = PolicyReading.None };
                return ActionOutcome.Done;
            case TagResource tag when TagCount(repository.Tags!.SetItems(tag.Tags)) > 50 || tag.RepositoryArn != repository.Arn:
                return Fail(tag.RepositoryArn != repository.Arn ? FailureKind.RepositoryNotFound : FailureKind.TooManyTags, action);
            case TagResource tag when tag.Tags.Any(pair => pair.Key.Length > 128 || pair.Value.Length > 256):
                return Fail(FailureKind.InvalidTag, action);
            case TagResource tag:
                Repository = repository with { Tags = repository.Tags!.SetItems(tag.Tags) };
                return ActionOutcome.Done;
            case UntagResource untag:
                Repository = repository with { Tags = repository.Tags!.RemoveRange(untag.TagKeys) };
                return ActionOutcome.Done;
            case DeleteRepository delete when HasImages && !delete.Force:
                return Fail(FailureKind.RepositoryNotEmpty, action);
            case DeleteRepository:
                Repository = null;
                return ActionOutcome.Done;
            default:
                throw new InvalidOperationException($"ECR knows no {action.GetType().Name}.");
        }
    }

    /// <summary>A repository as AWS makes it where nothing is said.</summary>
    public static ObservedRepository Plain(string name, DateTimeOffset created) => new()
    {
        Arn = $"arn:aws:ecr:us-east-1:{Account}:repository/{name}",
        Uri = $"{Account}.dkr.ecr.us-east-1.amazonaws.com/{name}",
        RegistryId = Account,
        CreationDate = created,
        Tags = ImmutableSortedDictionary<string, string>.Empty,
        LifecyclePolicy = PolicyReading.None,
        RepositoryPolicy = PolicyReading.None,
    };

    private ActionOutcome Create(CreateRepository create)
    {
        if (Repository is not null)
        {
            return Fail(FailureKind.RepositoryAlreadyExists, create);
        }

        if (!FiltersFit(create.ImageTagMutability ?? "MUTABLE", create.ExclusionFilters))
        {
            return Fail(FailureKind.InvalidParameter, create);
        }

        if (TagCount(create.Tags) > 50)
        {
            return Fail(FailureKind.TooManyTags, create);
        }

        var key = create.Encryption is null or { EncryptionType: "AES256" } ? null : SamplePolicies.KeyArn(create.Encryption.KmsKey);
        Repository = Plain(create.RepositoryName, Now) with
        {
            ImageTagMutability = create.ImageTagMutability ?? "MUTABLE",
            ExclusionFilters = [.. create.ExclusionFilters.Reverse()],
            ScanOnPush = create.ScanOnPush ?? false,
            EncryptionType = create.Encryption?.EncryptionType ?? "AES256",
            KmsKey = key,
            Tags = create.Tags,
        };
        return new() { Repository = Repository with { Images = new(0, 0, false) } };
    }

    private static bool FiltersFit(string mode, ImmutableArray<string> filters) =>
        mode.EndsWith("_WITH_EXCLUSION", StringComparison.Ordinal) ? filters.Length is >= 1 and <= 5 : filters.IsEmpty;

    private static int TagCount(ImmutableSortedDictionary<string, string> tags) =>
        tags.Keys.Count(key => !key.StartsWith("aws:", StringComparison.Ordinal));

    private static ActionOutcome Fail(FailureKind kind, EcrAction action) =>
        new() { Failure = new(kind, action.GetType().Name, $"{kind}") };
}
