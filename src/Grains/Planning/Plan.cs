using System.Collections.Immutable;
using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Planning;

/// <summary>What is known of a repository's existence when a plan is made. A closed set.</summary>
public abstract record Sight
{
    private Sight()
    {
    }

    /// <summary>AWS was not asked. A new object's repository is made without asking first: the answer of the create call tells.</summary>
    public sealed record Unseen : Sight;

    /// <summary>AWS says that there is none.</summary>
    public sealed record Absent : Sight;

    /// <summary>AWS described it.</summary>
    /// <param name="Repository">The description.</param>
    public sealed record Present(ObservedRepository Repository) : Sight;
}

/// <summary>How an object stands to its repository.</summary>
public enum Relation
{
    /// <summary>There is no repository.</summary>
    None,

    /// <summary>The repository is only looked at.</summary>
    Observed,

    /// <summary>The object holds the repository, or does so after the plan.</summary>
    Ours,

    /// <summary>The object may not touch the repository.</summary>
    Foreign,
}

/// <summary>What deletion comes to.</summary>
public enum Removal
{
    /// <summary>The object is not being deleted.</summary>
    None,

    /// <summary>The object may go once the plan's actions are done.</summary>
    AfterActions,

    /// <summary>The object may go whatever comes of the plan's actions.</summary>
    Regardless,

    /// <summary>The object must wait.</summary>
    Wait,
}

/// <summary>Something that keeps the spec from holding.</summary>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="ConcernsRepository">Whether the repository as a whole is not the object's to use; otherwise one field is not applied.</param>
/// <param name="HealsByItself">Whether time may mend it; otherwise a person must.</param>
public sealed record Finding(string Reason, string Message, bool ConcernsRepository = false, bool HealsByItself = false);

/// <summary>What to do about one repository, and what cannot be done.</summary>
public sealed record Plan
{
    /// <summary>The writes, in order. Each leaves AWS in a state from which a new plan ends in the same place.</summary>
    public ImmutableArray<EcrAction> Actions { get; init; } = [];

    /// <summary>What keeps the spec from holding, the gravest first.</summary>
    public ImmutableArray<Finding> Findings { get; init; } = [];

    /// <summary>Where AWS differs from a spec that held before.</summary>
    public ImmutableArray<DriftItem> Drift { get; init; } = [];

    /// <summary>Where AWS will still differ from the spec once the actions are done.</summary>
    public ImmutableArray<DriftItem> Remaining { get; init; } = [];

    /// <summary>Whether differences that could be ended are only reported.</summary>
    public bool IsReportOnly { get; init; }

    /// <summary>How the object stands to the repository.</summary>
    public Relation Relation { get; init; }

    /// <summary>How the object came by the repository, or comes by it through the plan.</summary>
    public string? Origin { get; init; }

    /// <summary>What deletion comes to.</summary>
    public Removal Removal { get; init; }

    /// <summary>What to tell a person about a removal that leaves the repository in AWS; null where there is nothing to tell.</summary>
    public string? RemovalWarning { get; init; }

    /// <summary>Whether the object holds its repository, or only observes it, and there is nothing to do or to say about it.</summary>
    public bool IsNothing => Relation is Relation.Ours or Relation.Observed && Actions.IsEmpty && Findings.IsEmpty && Drift.IsEmpty && Remaining.IsEmpty && !AsksForNeighbours && !Takes;

    /// <summary>Whether the plan takes a repository that was not ours.</summary>
    public bool Takes { get; init; }

    /// <summary>Whether it does so by writing the owner tag first.</summary>
    public bool Claims => Actions is [TagResource tag, ..] && tag.Tags.ContainsKey(ApiNames.OwnerTag);

    /// <summary>Whether the other objects that name the repository may change the plan, and have not been asked for.</summary>
    public bool AsksForNeighbours { get; init; }

    /// <summary>The object of this cluster that keeps this one from the repository; null where none does.</summary>
    public ResourceKey? Rival { get; init; }
}
