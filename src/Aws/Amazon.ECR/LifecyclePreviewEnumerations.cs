using System.Text.Json.Serialization;
using Amazon.ECR.Internal;
using Amazon.Runtime;

namespace Amazon.ECR;

/// <summary>What a lifecycle rule does with an image.</summary>
[JsonConverter(typeof(ConstantConverter<ImageActionType>))]
public class ImageActionType : ConstantClass, IConstant<ImageActionType>
{
    /// <summary>A constant with any value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public ImageActionType(string value)
        : base(value)
    {
    }

    /// <summary>EXPIRE.</summary>
    public static readonly ImageActionType EXPIRE = new("EXPIRE");

    /// <summary>TRANSITION.</summary>
    public static readonly ImageActionType TRANSITION = new("TRANSITION");

    /// <inheritdoc/>
    public static ImageActionType FindValue(string value) => FindValue<ImageActionType>(value);

    /// <summary>The constant with this value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public static implicit operator ImageActionType(string value) => FindValue(value);
}

/// <summary>How far a preview is.</summary>
[JsonConverter(typeof(ConstantConverter<LifecyclePolicyPreviewStatus>))]
public class LifecyclePolicyPreviewStatus : ConstantClass, IConstant<LifecyclePolicyPreviewStatus>
{
    /// <summary>A constant with any value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public LifecyclePolicyPreviewStatus(string value)
        : base(value)
    {
    }

    /// <summary>IN_PROGRESS.</summary>
    public static readonly LifecyclePolicyPreviewStatus IN_PROGRESS = new("IN_PROGRESS");

    /// <summary>COMPLETE.</summary>
    public static readonly LifecyclePolicyPreviewStatus COMPLETE = new("COMPLETE");

    /// <summary>EXPIRED.</summary>
    public static readonly LifecyclePolicyPreviewStatus EXPIRED = new("EXPIRED");

    /// <summary>FAILED.</summary>
    public static readonly LifecyclePolicyPreviewStatus FAILED = new("FAILED");

    /// <inheritdoc/>
    public static LifecyclePolicyPreviewStatus FindValue(string value) => FindValue<LifecyclePolicyPreviewStatus>(value);

    /// <summary>The constant with this value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public static implicit operator LifecyclePolicyPreviewStatus(string value) => FindValue(value);
}

/// <summary>Where an image is stored.</summary>
[JsonConverter(typeof(ConstantConverter<LifecyclePolicyStorageClass>))]
public class LifecyclePolicyStorageClass : ConstantClass, IConstant<LifecyclePolicyStorageClass>
{
    /// <summary>A constant with any value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public LifecyclePolicyStorageClass(string value)
        : base(value)
    {
    }

    /// <summary>ARCHIVE.</summary>
    public static readonly LifecyclePolicyStorageClass ARCHIVE = new("ARCHIVE");

    /// <summary>STANDARD.</summary>
    public static readonly LifecyclePolicyStorageClass STANDARD = new("STANDARD");

    /// <inheritdoc/>
    public static LifecyclePolicyStorageClass FindValue(string value) => FindValue<LifecyclePolicyStorageClass>(value);

    /// <summary>The constant with this value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public static implicit operator LifecyclePolicyStorageClass(string value) => FindValue(value);
}

/// <summary>Where a lifecycle rule moves an image.</summary>
[JsonConverter(typeof(ConstantConverter<LifecyclePolicyTargetStorageClass>))]
public class LifecyclePolicyTargetStorageClass : ConstantClass, IConstant<LifecyclePolicyTargetStorageClass>
{
    /// <summary>A constant with any value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public LifecyclePolicyTargetStorageClass(string value)
        : base(value)
    {
    }

    /// <summary>ARCHIVE.</summary>
    public static readonly LifecyclePolicyTargetStorageClass ARCHIVE = new("ARCHIVE");

    /// <inheritdoc/>
    public static LifecyclePolicyTargetStorageClass FindValue(string value) => FindValue<LifecyclePolicyTargetStorageClass>(value);

    /// <summary>The constant with this value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public static implicit operator LifecyclePolicyTargetStorageClass(string value) => FindValue(value);
}
