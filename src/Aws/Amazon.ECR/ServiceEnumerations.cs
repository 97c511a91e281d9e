using System.Text.Json.Serialization;
using Amazon.ECR.Internal;
using Amazon.Runtime;

namespace Amazon.ECR;

/// <summary>How images are encrypted at rest.</summary>
[JsonConverter(typeof(ConstantConverter<EncryptionType>))]
public class EncryptionType : ConstantClass, IConstant<EncryptionType>
{
    /// <summary>A constant with any value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public EncryptionType(string value)
        : base(value)
    {
    }

    /// <summary>AES256.</summary>
    public static readonly EncryptionType AES256 = new("AES256");

    /// <summary>KMS.</summary>
    public static readonly EncryptionType KMS = new("KMS");

    /// <summary>KMS_DSSE.</summary>
    public static readonly EncryptionType KMS_DSSE = new("KMS_DSSE");

    /// <inheritdoc/>
    public static EncryptionType FindValue(string value) => FindValue<EncryptionType>(value);

    /// <summary>The constant with this value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public static implicit operator EncryptionType(string value) => FindValue(value);
}

/// <summary>Whether an image can be pulled.</summary>
[JsonConverter(typeof(ConstantConverter<ImageStatus>))]
public class ImageStatus : ConstantClass, IConstant<ImageStatus>
{
    /// <summary>A constant with any value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public ImageStatus(string value)
        : base(value)
    {
    }

    /// <summary>ACTIVE.</summary>
    public static readonly ImageStatus ACTIVE = new("ACTIVE");

    /// <summary>ARCHIVED.</summary>
    public static readonly ImageStatus ARCHIVED = new("ARCHIVED");

    /// <summary>ACTIVATING.</summary>
    public static readonly ImageStatus ACTIVATING = new("ACTIVATING");

    /// <inheritdoc/>
    public static ImageStatus FindValue(string value) => FindValue<ImageStatus>(value);

    /// <summary>The constant with this value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public static implicit operator ImageStatus(string value) => FindValue(value);
}

/// <summary>Which images to read by status. AWS's default is ACTIVE.</summary>
[JsonConverter(typeof(ConstantConverter<ImageStatusFilter>))]
public class ImageStatusFilter : ConstantClass, IConstant<ImageStatusFilter>
{
    /// <summary>A constant with any value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public ImageStatusFilter(string value)
        : base(value)
    {
    }

    /// <summary>ACTIVE.</summary>
    public static readonly ImageStatusFilter ACTIVE = new("ACTIVE");

    /// <summary>ARCHIVED.</summary>
    public static readonly ImageStatusFilter ARCHIVED = new("ARCHIVED");

    /// <summary>ACTIVATING.</summary>
    public static readonly ImageStatusFilter ACTIVATING = new("ACTIVATING");

    /// <summary>ANY.</summary>
    public static readonly ImageStatusFilter ANY = new("ANY");

    /// <inheritdoc/>
    public static ImageStatusFilter FindValue(string value) => FindValue<ImageStatusFilter>(value);

    /// <summary>The constant with this value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public static implicit operator ImageStatusFilter(string value) => FindValue(value);
}

/// <summary>Whether image tags can be overwritten.</summary>
[JsonConverter(typeof(ConstantConverter<ImageTagMutability>))]
public class ImageTagMutability : ConstantClass, IConstant<ImageTagMutability>
{
    /// <summary>A constant with any value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public ImageTagMutability(string value)
        : base(value)
    {
    }

    /// <summary>MUTABLE.</summary>
    public static readonly ImageTagMutability MUTABLE = new("MUTABLE");

    /// <summary>IMMUTABLE.</summary>
    public static readonly ImageTagMutability IMMUTABLE = new("IMMUTABLE");

    /// <summary>MUTABLE_WITH_EXCLUSION.</summary>
    public static readonly ImageTagMutability MUTABLE_WITH_EXCLUSION = new("MUTABLE_WITH_EXCLUSION");

    /// <summary>IMMUTABLE_WITH_EXCLUSION.</summary>
    public static readonly ImageTagMutability IMMUTABLE_WITH_EXCLUSION = new("IMMUTABLE_WITH_EXCLUSION");

    /// <inheritdoc/>
    public static ImageTagMutability FindValue(string value) => FindValue<ImageTagMutability>(value);

    /// <summary>The constant with this value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public static implicit operator ImageTagMutability(string value) => FindValue(value);
}

/// <summary>How an exclusion filter matches image tags.</summary>
[JsonConverter(typeof(ConstantConverter<ImageTagMutabilityExclusionFilterType>))]
public class ImageTagMutabilityExclusionFilterType : ConstantClass, IConstant<ImageTagMutabilityExclusionFilterType>
{
    /// <summary>A constant with any value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public ImageTagMutabilityExclusionFilterType(string value)
        : base(value)
    {
    }

    /// <summary>WILDCARD.</summary>
    public static readonly ImageTagMutabilityExclusionFilterType WILDCARD = new("WILDCARD");

    /// <inheritdoc/>
    public static ImageTagMutabilityExclusionFilterType FindValue(string value) => FindValue<ImageTagMutabilityExclusionFilterType>(value);

    /// <summary>The constant with this value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public static implicit operator ImageTagMutabilityExclusionFilterType(string value) => FindValue(value);
}

/// <summary>How far an image's scan is.</summary>
[JsonConverter(typeof(ConstantConverter<ScanStatus>))]
public class ScanStatus : ConstantClass, IConstant<ScanStatus>
{
    /// <summary>A constant with any value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public ScanStatus(string value)
        : base(value)
    {
    }

    /// <summary>IN_PROGRESS.</summary>
    public static readonly ScanStatus IN_PROGRESS = new("IN_PROGRESS");

    /// <summary>COMPLETE.</summary>
    public static readonly ScanStatus COMPLETE = new("COMPLETE");

    /// <summary>FAILED.</summary>
    public static readonly ScanStatus FAILED = new("FAILED");

    /// <summary>UNSUPPORTED_IMAGE.</summary>
    public static readonly ScanStatus UNSUPPORTED_IMAGE = new("UNSUPPORTED_IMAGE");

    /// <summary>ACTIVE.</summary>
    public static readonly ScanStatus ACTIVE = new("ACTIVE");

    /// <summary>PENDING.</summary>
    public static readonly ScanStatus PENDING = new("PENDING");

    /// <summary>SCAN_ELIGIBILITY_EXPIRED.</summary>
    public static readonly ScanStatus SCAN_ELIGIBILITY_EXPIRED = new("SCAN_ELIGIBILITY_EXPIRED");

    /// <summary>FINDINGS_UNAVAILABLE.</summary>
    public static readonly ScanStatus FINDINGS_UNAVAILABLE = new("FINDINGS_UNAVAILABLE");

    /// <summary>LIMIT_EXCEEDED.</summary>
    public static readonly ScanStatus LIMIT_EXCEEDED = new("LIMIT_EXCEEDED");

    /// <summary>IMAGE_ARCHIVED.</summary>
    public static readonly ScanStatus IMAGE_ARCHIVED = new("IMAGE_ARCHIVED");

    /// <inheritdoc/>
    public static ScanStatus FindValue(string value) => FindValue<ScanStatus>(value);

    /// <summary>The constant with this value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public static implicit operator ScanStatus(string value) => FindValue(value);
}

/// <summary>Which images to read by whether they bear a tag.</summary>
[JsonConverter(typeof(ConstantConverter<TagStatus>))]
public class TagStatus : ConstantClass, IConstant<TagStatus>
{
    /// <summary>A constant with any value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public TagStatus(string value)
        : base(value)
    {
    }

    /// <summary>TAGGED.</summary>
    public static readonly TagStatus TAGGED = new("TAGGED");

    /// <summary>UNTAGGED.</summary>
    public static readonly TagStatus UNTAGGED = new("UNTAGGED");

    /// <summary>ANY.</summary>
    public static readonly TagStatus ANY = new("ANY");

    /// <inheritdoc/>
    public static TagStatus FindValue(string value) => FindValue<TagStatus>(value);

    /// <summary>The constant with this value.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    public static implicit operator TagStatus(string value) => FindValue(value);
}
