using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace InfraOperator.Sandbox.Ecr;

/// <summary>Whose repositories, and where.</summary>
internal readonly record struct Registry(string AccountId, string Region);

/// <summary>The operations of ECR on repositories in memory, as JSON in and JSON out.</summary>
internal sealed class EcrApi(SandboxEcrOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Registry, SortedDictionary<string, EcrRepository>> _registries = [];

    public string Call(Registry registry, string operation, string body, TimeSpan lag)
    {
        try
        {
            var request = JsonNode.Parse(body.Length == 0 ? "{}" : body)!.AsObject();
            lock (_lock)
            {
                if (!_registries.TryGetValue(registry, out var repositories))
                {
                    _registries[registry] = repositories = new(StringComparer.Ordinal);
                }

                return new EcrCall(registry, repositories, request, options, lag).Run(operation).ToJsonString();
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or NullReferenceException)
        {
            // Not JSON, or a member of another type than the service's model says.
            throw new EcrError("SerializationException", exception.Message);
        }
    }

    public void AddImage(Registry registry, string name, IReadOnlyCollection<string> tags, long sizeInBytes)
    {
        lock (_lock)
        {
            _registries.GetValueOrDefault(registry, [])[name].Push(null, tags, sizeInBytes, options.TimeProvider.GetUtcNow());
        }
    }
}

/// <summary>A repository. Its shape is that of the answer, so that reading it is a copy.</summary>
internal sealed class EcrRepository(JsonObject shape, DateTimeOffset visibleAt)
{
    public JsonObject Shape { get; } = shape;

    public DateTimeOffset VisibleAt { get; } = visibleAt;

    public SortedDictionary<string, string> Tags { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether it bears tags or once did.</summary>
    public bool EverTagged { get; private set; }

    public string? LifecyclePolicy { get; set; }

    public string? Policy { get; set; }

    public LifecyclePreview? Preview { get; set; }

    /// <summary>Images by digest, oldest first.</summary>
    public OrderedDictionary<string, EcrImage> Images { get; } = [];

    public void SetTags(Dictionary<string, string> tags)
    {
        EverTagged |= tags.Count > 0;
        foreach (var (key, value) in tags)
        {
            Tags[key] = value;
        }
    }

    public string Push(string? manifest, IReadOnlyCollection<string> tags, long sizeInBytes, DateTimeOffset now)
    {
        var digest = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(manifest ?? Guid.NewGuid().ToString())))}";
        foreach (var other in Images.Values)
        {
            other.Tags.ExceptWith(tags);
        }

        Images.TryAdd(digest, new EcrImage(sizeInBytes, now));
        Images[digest].Tags.UnionWith(tags);
        return digest;
    }
}

/// <summary>An image.</summary>
internal sealed record EcrImage(long SizeInBytes, DateTimeOffset PushedAt)
{
    public SortedSet<string> Tags { get; } = new(StringComparer.Ordinal);
}

/// <summary>One call, under the lock.</summary>
internal sealed partial class EcrCall(Registry registry, SortedDictionary<string, EcrRepository> repositories, JsonObject request, SandboxEcrOptions options, TimeSpan lag)
{
    private readonly DateTimeOffset _now = options.TimeProvider.GetUtcNow();

    private string RegistryId => (string?)request["registryId"] ?? registry.AccountId;

    private string Name => Required("repositoryName");

    private string ArnPrefix => $"arn:aws:ecr:{registry.Region}:{registry.AccountId}:repository/";

    public JsonObject Run(string operation) => operation switch
    {
        "CreateRepository" => Create(),
        "DescribeRepositories" => DescribeRepositories(),
        "DeleteRepository" => Delete(),
        "PutLifecyclePolicy" => Change(repository => repository.LifecyclePolicy = LifecycleRules.Store(Required("lifecyclePolicyText")), "lifecyclePolicyText"),
        "GetLifecyclePolicy" => Policy(repository => repository.LifecyclePolicy, "Lifecycle", "lifecyclePolicyText"),
        "DeleteLifecyclePolicy" => Remove(Policy(repository => repository.LifecyclePolicy, "Lifecycle", "lifecyclePolicyText"), repository => repository.LifecyclePolicy = null),
        "StartLifecyclePolicyPreview" => StartPreview(),
        "GetLifecyclePolicyPreview" => GetPreview(),
        "SetRepositoryPolicy" => Change(repository => repository.Policy = EcrRules.StorePolicy(Required("policyText")), "policyText"),
        "GetRepositoryPolicy" => Policy(repository => repository.Policy, "Repository", "policyText"),
        "DeleteRepositoryPolicy" => Remove(Policy(repository => repository.Policy, "Repository", "policyText"), repository => repository.Policy = null),
        "TagResource" => Tag(),
        "UntagResource" => Untag(),
        "ListTagsForResource" => new() { ["tags"] = TagsOf(OfArn()) },
        "PutImageScanningConfiguration" => Change(repository => repository.Shape["imageScanningConfiguration"] = Scanning(), "imageScanningConfiguration"),
        "PutImageTagMutability" => Change(PutMutability, "imageTagMutability", "imageTagMutabilityExclusionFilters"),
        "PutImage" => PutImage(),
        "ListImages" => Page(Images().SelectMany(image => image.Value.Tags.DefaultIfEmpty(null).Select(tag => (Key: $"{image.Key} {tag}", Id(image.Key, tag)))), "imageIds"),
        "DescribeImages" => DescribeImages(),
        "GetResources" => GetResources(),
        _ => throw new EcrError("UnknownOperationException", $"The sandbox has no operation {operation}."),
    };

    private JsonObject Create()
    {
        EcrRules.CheckName(Name);
        var tags = EcrRules.ReadTags(request["tags"]);
        if (repositories.ContainsKey(Name))
        {
            throw new EcrError("RepositoryAlreadyExistsException", $"The repository with name '{Name}' already exists in the registry with id '{RegistryId}'");
        }

        var repository = new EcrRepository(
            new()
            {
                ["repositoryArn"] = ArnPrefix + Name,
                ["registryId"] = registry.AccountId,
                ["repositoryName"] = Name,
                ["repositoryUri"] = $"{registry.AccountId}.dkr.ecr.{registry.Region}.amazonaws.com/{Name}",
                ["createdAt"] = _now.ToUnixTimeMilliseconds() / 1000m,
                ["imageScanningConfiguration"] = Scanning(),
                ["encryptionConfiguration"] = EcrRules.Encryption(request["encryptionConfiguration"], registry),
            },
            _now + lag);
        PutMutability(repository);
        repository.SetTags(tags);
        repositories[Name] = repository;
        return new() { ["repository"] = repository.Shape.DeepClone() };
    }

    private JsonObject DescribeRepositories()
    {
        if (request["repositoryNames"] is not JsonArray names)
        {
            return Page(repositories.Where(pair => pair.Value.VisibleAt <= _now).Select(pair => (pair.Key, pair.Value.Shape.DeepClone())), "repositories");
        }

        EcrRules.CheckCount("repositoryNames", names.Count, 1, 100);
        if (request.ContainsKey("maxResults") || request.ContainsKey("nextToken"))
        {
            throw EcrError.Invalid("maxResults", "must not be specified with repositoryNames");
        }

        return new() { ["repositories"] = Array(names.Select(name => (string)name!).Distinct().Select(name => Find(name).Shape.DeepClone())) };
    }

    private JsonObject Delete()
    {
        var repository = Find(Name);
        if (repository.Images.Count > 0 && (bool?)request["force"] is not true)
        {
            throw new EcrError("RepositoryNotEmptyException", $"The repository with name '{Name}' in registry with id '{RegistryId}' cannot be deleted because it still contains images");
        }

        repositories.Remove(Name);
        return new() { ["repository"] = repository.Shape.DeepClone() };
    }

    private JsonObject Change(Action<EcrRepository> change, params string[] echoed)
    {
        var repository = Find(Name);
        change(repository);
        var answer = new JsonObject { ["registryId"] = registry.AccountId, ["repositoryName"] = Name };
        foreach (var name in echoed.Where(request.ContainsKey))
        {
            answer[name] = request[name]!.DeepClone();
        }

        return answer;
    }

    private JsonObject Policy(Func<EcrRepository, string?> read, string kind, string field) => new()
    {
        ["registryId"] = registry.AccountId,
        ["repositoryName"] = Name,
        [field] = read(Find(Name)) ?? throw new EcrError($"{kind}PolicyNotFoundException", $"{kind} policy does not exist for the repository with name '{Name}' in the registry with id '{RegistryId}'"),
    };

    private JsonObject Remove(JsonObject answer, Action<EcrRepository> remove)
    {
        remove(Find(Name));
        return answer;
    }

    private JsonObject Tag()
    {
        var repository = OfArn();
        var tags = EcrRules.ReadTags(request["tags"] ?? throw EcrError.Invalid("tags", "must not be null"));
        EcrRules.CheckTagCount(repository.Tags.Keys.Union(tags.Keys).Count());
        repository.SetTags(tags);
        return [];
    }

    private JsonObject Untag()
    {
        var repository = OfArn();
        foreach (var key in request["tagKeys"]?.AsArray() ?? throw EcrError.Invalid("tagKeys", "must not be null"))
        {
            EcrRules.CheckTagKey((string)key!);
            repository.Tags.Remove((string)key!);
        }

        return [];
    }

    private JsonObject Scanning() => new() { ["scanOnPush"] = (bool?)request["imageScanningConfiguration"]?["scanOnPush"] ?? false };

    private void PutMutability(EcrRepository repository)
    {
        var (mode, filters) = EcrRules.Mutability((string?)request["imageTagMutability"] ?? "MUTABLE", request["imageTagMutabilityExclusionFilters"] as JsonArray);
        repository.Shape["imageTagMutability"] = mode;
        repository.Shape.Remove("imageTagMutabilityExclusionFilters");
        if (filters is not null)
        {
            repository.Shape["imageTagMutabilityExclusionFilters"] = filters.DeepClone();
        }
    }

    private JsonObject PutImage()
    {
        var repository = Find(Name);
        var (manifest, tag) = (Required("imageManifest"), (string?)request["imageTag"]);
        if (tag is not null && EcrRules.IsImmutable(repository.Shape, tag) && repository.Images.Values.Any(image => image.Tags.Contains(tag)))
        {
            throw new EcrError("ImageTagAlreadyExistsException", $"The image tag '{tag}' already exists in the '{Name}' repository and cannot be overwritten because the tag is immutable.");
        }

        var digest = repository.Push(manifest, tag is null ? [] : [tag], manifest.Length, _now);
        return new() { ["image"] = new JsonObject { ["registryId"] = registry.AccountId, ["repositoryName"] = Name, ["imageId"] = Id(digest, tag), ["imageManifest"] = manifest } };
    }

    private JsonObject DescribeImages()
    {
        var images = Images();
        if (request["imageIds"] is JsonArray ids)
        {
            EcrRules.CheckCount("imageIds", ids.Count, 1, 100);
            images = [.. ids.Select(id => images.Find(image => image.Key == (string?)id!["imageDigest"] || image.Value.Tags.Contains((string?)id!["imageTag"] ?? "")) is { Key: not null } found ? found
                : throw new EcrError("ImageNotFoundException", $"The image with imageId {id!.ToJsonString()} does not exist within the repository with name '{Name}' in the registry with id '{RegistryId}'"))];
        }

        return Page(images.Select(image => (image.Key, (JsonNode)new JsonObject
        {
            ["registryId"] = registry.AccountId,
            ["repositoryName"] = Name,
            ["imageDigest"] = image.Key,
            ["imageTags"] = Array(image.Value.Tags.Select(tag => (JsonNode)tag)),
            ["imageSizeInBytes"] = image.Value.SizeInBytes,
            ["imagePushedAt"] = image.Value.PushedAt.ToUnixTimeMilliseconds() / 1000m,
            ["imageStatus"] = "ACTIVE",
        })), "imageDetails");
    }

    private List<KeyValuePair<string, EcrImage>> Images() => [.. Find(Name).Images.Where(image => (string?)request["filter"]?["tagStatus"] switch
    {
        "TAGGED" => image.Value.Tags.Count > 0,
        "UNTAGGED" => image.Value.Tags.Count == 0,
        _ => true,
    })];

    /// <summary>The token is the last key of the page, so that a page stays right when something is created or deleted in between.</summary>
    private JsonObject Page(IEnumerable<(string Key, JsonNode Value)> all, string field, int most = 1000, string sizeName = "maxResults", string tokenName = "nextToken")
    {
        var size = (int?)request[sizeName] ?? 100;
        EcrRules.CheckCount(sizeName, size, 1, most);
        var after = request[tokenName] is { } token ? EcrRules.ReadToken(tokenName, (string)token!) : null;
        var page = all.Where(item => after is null || string.CompareOrdinal(item.Key, after) > 0).OrderBy(item => item.Key, StringComparer.Ordinal).Take(size + 1).ToList();
        var answer = new JsonObject { [field] = Array(page.Take(size).Select(item => item.Value)) };
        if (page.Count > size)
        {
            answer[tokenName] = Convert.ToBase64String(Encoding.UTF8.GetBytes(page[size - 1].Key));
        }

        return answer;
    }

    private EcrRepository OfArn()
    {
        var arn = Required("resourceArn");
        return arn.StartsWith(ArnPrefix, StringComparison.Ordinal) ? Find(arn[ArnPrefix.Length..]) : throw EcrError.Invalid("resourceArn", "Invalid ARN");
    }

    private EcrRepository Find(string name)
    {
        EcrRules.CheckName(name);
        return RegistryId == registry.AccountId && repositories.TryGetValue(name, out var repository) && repository.VisibleAt <= _now ? repository
            : throw new EcrError("RepositoryNotFoundException", $"The repository with name '{name}' does not exist in the registry with id '{RegistryId}'");
    }

    private string Required(string name) => (string?)request[name] ?? throw EcrError.Invalid(name, "must not be null");

    private static JsonNode Id(string digest, string? tag) => tag is null
        ? new JsonObject { ["imageDigest"] = digest }
        : new JsonObject { ["imageDigest"] = digest, ["imageTag"] = tag };

    private static JsonArray TagsOf(EcrRepository repository) => Array(repository.Tags.Select(tag => new JsonObject { ["Key"] = tag.Key, ["Value"] = tag.Value }));

    private static JsonArray Array(IEnumerable<JsonNode> items) => [.. items];
}
