namespace InfraOperator.Abstractions;

/// <summary>The names that the API contract fixes: group, finalizers, annotations and tags.</summary>
public static class ApiNames
{
    /// <summary>The API group of both kinds.</summary>
    public const string Group = "aws-infra-operator.runner.codes";

    /// <summary>The served and stored version.</summary>
    public const string Version = "v1alpha1";

    /// <summary>The <c>apiVersion</c> of both kinds.</summary>
    public const string ApiVersion = $"{Group}/{Version}";

    /// <summary>The finalizer on every managed object.</summary>
    public const string Finalizer = $"{Group}/finalizer";

    /// <summary>The finalizer of the Go operator that came before this one. It is treated as ours.</summary>
    public const string LegacyFinalizer = $"{Group}/ecr-finalizer";

    /// <summary>A new value asks for a comparison with AWS now. This is the spelling of the user documentation.</summary>
    public const string ForceSyncAnnotation = "force-sync";

    /// <summary>The same request as <see cref="ForceSyncAnnotation"/>, with our prefix.</summary>
    public const string PrefixedForceSyncAnnotation = $"{Group}/force-sync";

    /// <summary><c>"true"</c> means that nothing is done with the object, deletion included. A preview that is asked for changes nothing, so it is made.</summary>
    public const string PausedAnnotation = $"{Group}/paused";

    /// <summary>A new value asks what the spec's lifecycle policy would expire, without its being applied for that.</summary>
    public const string LifecyclePreviewAnnotation = $"{Group}/lifecycle-preview";

    /// <summary>On a provider: a new value lets held deletions go.</summary>
    public const string ReleaseDeletionAnnotation = $"{Group}/release-deletion";

    /// <summary>The AWS tag that says which object owns a repository.</summary>
    public const string OwnerTag = $"{Group}/owner";

    /// <summary>Tags with this prefix are AWS's own: never compared, never written.</summary>
    public const string AwsTagPrefix = "aws:";
}
