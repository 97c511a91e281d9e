using System.Collections.Immutable;
using System.Text.Json;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>A repository in memory. Each member is replaced as a whole, so that a reader needs no lock.</summary>
internal sealed class FastRepository(string account, string region, FastRequest created)
{
    private static readonly FastEncryption Default = new("AES256", null);

    private readonly long _createdAt = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private ImmutableSortedDictionary<string, string> _tags = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).SetItems(Pairs(created.Tags));

    public string Name { get; } = created.RepositoryName!;

    public string Arn { get; } = $"arn:aws:ecr:{region}:{account}:repository/{created.RepositoryName}";

    public string Mutability { get; set; } = created.ImageTagMutability ?? "MUTABLE";

    public FastExclusionFilter[]? ExclusionFilters { get; set; } = created.ImageTagMutabilityExclusionFilters;

    public bool ScanOnPush { get; set; } = created.ImageScanningConfiguration?.ScanOnPush ?? false;

    public string? LifecyclePolicy { get; set; }

    public string? Policy { get; set; }

    /// <summary>Whether it ever had a tag: the tagging API does not know what had none.</summary>
    public bool WasTagged { get; private set; } = created.Tags is { Length: > 0 };

    public ImmutableSortedDictionary<string, string> Tags => Volatile.Read(ref _tags);

    public void Tag(FastTag[] tags)
    {
        WasTagged |= tags.Length > 0;
        ImmutableInterlocked.Update(ref _tags, (before, added) => before.SetItems(Pairs(added)), tags);
    }

    public void Untag(string[] keys) => ImmutableInterlocked.Update(ref _tags, (before, removed) => before.RemoveRange(removed), keys);

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("repositoryArn", Arn);
        json.WriteString("registryId", account);
        json.WriteString("repositoryName", Name);
        json.WriteString("repositoryUri", $"{account}.dkr.ecr.{region}.amazonaws.com/{Name}");
        json.WriteNumber("createdAt", _createdAt / 1000m);
        WriteMutabilityTo(json);
        json.WriteStartObject("imageScanningConfiguration");
        json.WriteBoolean("scanOnPush", ScanOnPush);
        json.WriteEndObject();
        var encryption = created.EncryptionConfiguration ?? Default;
        json.WriteStartObject("encryptionConfiguration");
        json.WriteString("encryptionType", encryption.EncryptionType);
        if (encryption.EncryptionType != Default.EncryptionType)
        {
            json.WriteString("kmsKey", encryption.KmsKey ?? $"arn:aws:kms:{region}:{account}:key/11111111-2222-3333-4444-555555555555");
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    public void WriteMutabilityTo(Utf8JsonWriter json)
    {
        json.WriteString("imageTagMutability", Mutability);
        if (ExclusionFilters is { Length: > 0 } filters)
        {
            json.WriteStartArray("imageTagMutabilityExclusionFilters");
            foreach (var filter in filters)
            {
                json.WriteStartObject();
                json.WriteString("filterType", filter.FilterType);
                json.WriteString("filter", filter.Filter);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    }

    public void WriteTagsTo(Utf8JsonWriter json, string name)
    {
        json.WriteStartArray(name);
        foreach (var (key, value) in Tags)
        {
            json.WriteStartObject();
            json.WriteString("Key", key);
            json.WriteString("Value", value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(FastTag[]? tags) => (tags ?? []).Select(tag => KeyValuePair.Create(tag.Key, tag.Value));
}
