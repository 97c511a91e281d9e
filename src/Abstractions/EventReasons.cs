namespace InfraOperator.Abstractions;

/// <summary>The closed set of reasons that only events have: what was done. Of what is wrong events tell with one of <see cref="Reasons"/>.</summary>
public static class EventReasons
{
    /// <summary>The repository was made.</summary>
    public const string Created = "Created";

    /// <summary>A repository that was there before was taken.</summary>
    public const string Adopted = "Adopted";

    /// <summary>An edit of the spec was carried over to AWS.</summary>
    public const string Updated = "Updated";

    /// <summary>AWS had been changed outside and was changed back.</summary>
    public const string DriftCorrected = "DriftCorrected";

    /// <summary>The repository was deleted with its object.</summary>
    public const string Deleted = "Deleted";

    /// <summary>The object is gone and the repository stays.</summary>
    public const string LeftInAWS = "LeftInAWS";

    /// <summary>A preview of the lifecycle policy is complete.</summary>
    public const string LifecyclePreviewed = "LifecyclePreviewed";

    /// <summary>A preview of the lifecycle policy has no result.</summary>
    public const string LifecyclePreviewFailed = "LifecyclePreviewFailed";
}
