using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;
using InfraOperator.Kubernetes;

namespace InfraOperator.Grains.Status;

/// <summary>Who can mend a problem.</summary>
public enum Mend
{
    /// <summary>Time: it is tried again by itself.</summary>
    Time,

    /// <summary>A person: it is tried again slowly, and at once on any change.</summary>
    Person,

    /// <summary>Nobody need: it is as somebody wants it.</summary>
    Nobody,
}

/// <summary>What a problem says about the repository.</summary>
public enum Bearing
{
    /// <summary>One field does not hold; the repository can be used.</summary>
    OnField,

    /// <summary>AWS says that the repository does not exist or cannot be used.</summary>
    OnRepository,

    /// <summary>Nothing can be said about the repository now; what was said before stands.</summary>
    OnKnowledge,
}

/// <summary>Something that keeps an object's spec from holding, in the words of its conditions.</summary>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="Mend">Who can mend it.</param>
/// <param name="Bearing">What it says about the repository.</param>
public sealed record Problem(string Reason, string Message, Mend Mend, Bearing Bearing)
{
    /// <summary>A finding of the planner.</summary>
    /// <param name="finding">The finding.</param>
    public static Problem From(Finding finding) => new(
        finding.Reason,
        finding.Message,
        finding.HealsByItself ? Mend.Time : Mend.Person,
        finding.ConcernsRepository ? Bearing.OnRepository : Bearing.OnField);

    /// <summary>A provider that cannot be used.</summary>
    /// <param name="provider">The provider.</param>
    public static Problem From(ProviderView provider) => provider.State switch
    {
        ProviderState.NotFound => new(Reasons.ProviderNotFound, provider.Message, Mend.Person, Bearing.OnKnowledge),
        ProviderState.NotAllowed => new(Reasons.ProviderNotAllowed, provider.Message, Mend.Person, Bearing.OnKnowledge),
        _ => new(Reasons.ProviderNotReady, provider.Message, Mend.Time, Bearing.OnKnowledge),
    };

    /// <summary>A request to the Kubernetes API that failed.</summary>
    /// <param name="exception">The failure.</param>
    public static Problem From(KubernetesApiException exception) => exception.Failure switch
    {
        KubernetesFailure.Forbidden => new(
            Reasons.KubernetesForbidden, $"{exception.Message}; allow {exception.Verb} on {exception.Resource} to the operator's ServiceAccount", Mend.Person, Bearing.OnKnowledge),
        KubernetesFailure.Invalid => new(
            Reasons.KubernetesRejected, $"{exception.Message}; change what refuses the operator's write: an admission policy, a webhook, or an older definition of the kind", Mend.Person, Bearing.OnKnowledge),
        _ => new(Reasons.KubernetesUnavailable, $"{exception.Message}; tried again by itself", Mend.Time, Bearing.OnKnowledge),
    };

    /// <summary>A call to AWS that failed.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="action">What the call was to do; null for a read.</param>
    public static Problem From(CallFailure failure, EcrAction? action = null)
    {
        var message = $"{failure.Operation}: {failure.Message}";
        var bearing = action is CreateRepository ? Bearing.OnRepository : Bearing.OnField;
        return failure.Kind switch
        {
            FailureKind.Throttled => new(Reasons.Throttled, $"{message}; tried again by itself", Mend.Time, Bearing.OnKnowledge),
            FailureKind.ProofFailed => new(Reasons.AWSUnavailable, message, Mend.Time, Bearing.OnKnowledge),
            FailureKind.ProviderNotUsable => new(Reasons.ProviderNotReady, failure.Message, Mend.Time, Bearing.OnKnowledge),
            FailureKind.DeletionHeld => new(Reasons.DeletionHeld, failure.Message, Mend.Person, Bearing.OnField),
            FailureKind.CredentialsExpired => new(Reasons.CredentialsExpired, $"{message}; renew the provider's credentials", Mend.Person, Bearing.OnKnowledge),
            FailureKind.AccessDenied => new(Reasons.AccessDenied, $"{message}; allow the action to the provider's identity", Mend.Person, bearing),
            FailureKind.KmsKeyNotUsable => new(Reasons.KmsKeyNotUsable, $"{message}; the key must exist, be enabled, and let the provider's identity use it", Mend.Person, Bearing.OnRepository),
            FailureKind.QuotaExceeded => new(Reasons.QuotaExceeded, $"{message}; have the quota raised, or delete what is not needed", Mend.Person, bearing),
            FailureKind.TooManyTags => new(Reasons.TooManyTags, $"{message}; take tags out of the spec, of the provider's defaultTags, or of the repository", Mend.Person, bearing),
            FailureKind.RepositoryNotEmpty => new(Reasons.RepositoryNotEmpty, $"{message}; delete the images, or set forceDelete to true", Mend.Person, Bearing.OnField),
            FailureKind.RepositoryNotFound => new(Reasons.Creating, $"{message}; looked for again by itself", Mend.Time, Bearing.OnKnowledge),
            FailureKind.InvalidParameter or FailureKind.InvalidTag => new(
                action switch
                {
                    PutLifecyclePolicy => Reasons.InvalidLifecyclePolicy,
                    SetRepositoryPolicy => Reasons.InvalidRepositoryPolicy,
                    _ => Reasons.InvalidSpec,
                },
                $"{message}; correct it in the spec",
                Mend.Person,
                bearing),
            _ => new(Reasons.AWSUnavailable, $"{message}; tried again by itself", Mend.Time, Bearing.OnKnowledge),
        };
    }
}
