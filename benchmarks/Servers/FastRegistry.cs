using System.Collections.Concurrent;
using System.Text.Json;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>An error as AWS answers it. A value, since a thrown one would cost more than the call.</summary>
internal sealed record FastError(string Code, string Message)
{
    public static FastError Invalid(string message) => new("InvalidParameterException", message);
}

/// <summary>The repositories of one account in one region, and the operations of ECR and of the tagging API on them.</summary>
internal sealed class FastRegistry(string account, string region)
{
    private const int MaxNames = 100;
    private const int MaxRepositoriesPerPage = 1000;
    private const int MaxResourcesPerPage = 100;

    private readonly ConcurrentDictionary<string, FastRepository> _repositories = new(StringComparer.Ordinal);
    private readonly Lock _sorting = new();
    private (FastRepository[] Repositories, long Version)? _sorted;
    private long _version;

    public string Account => account;

    /// <summary>Calls an operation.</summary>
    /// <param name="operation">Its name.</param>
    /// <param name="request">What was sent.</param>
    /// <param name="json">Takes the members of the answer; nothing where there is an error.</param>
    /// <returns>The error; null where there is none.</returns>
    public FastError? Call(string operation, FastRequest request, Utf8JsonWriter json) => operation switch
    {
        "CreateRepository" => Create(request, json),
        "DescribeRepositories" when request.RepositoryNames is { } names => DescribeNamed(names, request, json),
        "DescribeRepositories" => DescribePage(request, json),
        "GetResources" => GetResources(request, json),
        _ when operation.EndsWith("Resource", StringComparison.Ordinal) => OnTags(operation, request, json),
        _ => request.RepositoryName is not { } name ? FastError.Invalid("Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must not be null'")
            : _repositories.TryGetValue(name, out var repository) ? OnRepository(operation, repository, request, json)
            : NotFound(name),
    };

    private FastError? Create(FastRequest request, Utf8JsonWriter json)
    {
        if (request.RepositoryName is not { Length: >= 2 and <= 256 } name)
        {
            return FastError.Invalid("Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must have length from 2 to 256'");
        }

        var repository = new FastRepository(account, region, request);
        if (!_repositories.TryAdd(name, repository))
        {
            return new("RepositoryAlreadyExistsException", $"The repository with name '{name}' already exists in the registry with id '{account}'");
        }

        Interlocked.Increment(ref _version);
        Write(json, repository);
        return null;
    }

    private FastError? DescribeNamed(string[] names, FastRequest request, Utf8JsonWriter json)
    {
        if (names.Length is 0 or > MaxNames || request.MaxResults is not null || request.NextToken is not null)
        {
            return FastError.Invalid($"Invalid parameter at 'repositoryNames' failed to satisfy constraint: 'must have 1 to {MaxNames} names and no paging'");
        }

        if (names.FirstOrDefault(name => !_repositories.ContainsKey(name)) is { } unknown)
        {
            return NotFound(unknown);
        }

        json.WriteStartArray("repositories");
        foreach (var name in names)
        {
            _repositories.GetValueOrDefault(name)?.WriteTo(json);
        }

        json.WriteEndArray();
        return null;
    }

    private FastError? DescribePage(FastRequest request, Utf8JsonWriter json)
    {
        var size = request.MaxResults ?? 100;
        if (size is < 1 or > MaxRepositoriesPerPage)
        {
            return FastError.Invalid($"Invalid parameter at 'maxResults' failed to satisfy constraint: 'must be between 1 and {MaxRepositoriesPerPage}'");
        }

        var (page, next) = Page(request.NextToken, size, _ => true);
        json.WriteStartArray("repositories");
        foreach (var repository in page)
        {
            repository.WriteTo(json);
        }

        json.WriteEndArray();
        if (next is not null)
        {
            json.WriteString("nextToken", next);
        }

        return null;
    }

    private FastError? GetResources(FastRequest request, Utf8JsonWriter json)
    {
        var size = request.ResourcesPerPage ?? MaxResourcesPerPage;
        if (size is < 1 or > MaxResourcesPerPage || request.ResourceArns is { Length: 0 or > MaxNames })
        {
            return FastError.Invalid($"ResourcesPerPage must be between 1 and {MaxResourcesPerPage}, and ResourceARNList must have 1 to {MaxNames}.");
        }

        var isOfEcr = request.ResourceTypeFilters is not { Length: > 0 } types || types.Any(type => type is "ecr" or "ecr:repository");
        var (page, next) = request.ResourceArns is { } arns
            ? ([.. arns.Select(arn => _repositories.GetValueOrDefault(FastRequest.NameOf(arn))).OfType<FastRepository>().Where(Shows)], null)
            : Page(request.PaginationToken is { Length: > 0 } token ? token : null, size, Shows);
        json.WriteStartArray("ResourceTagMappingList");
        foreach (var repository in page)
        {
            json.WriteStartObject();
            json.WriteString("ResourceARN", repository.Arn);
            repository.WriteTagsTo(json, "Tags");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("PaginationToken", next ?? "");
        return null;

        bool Shows(FastRepository repository) => isOfEcr && repository.WasTagged
            && (request.TagFilters ?? []).All(filter => repository.Tags.TryGetValue(filter.Key, out var value) && (filter.Values is not { Length: > 0 } values || values.Contains(value)));
    }

    /// <summary>What comes after the last name of the page before: a page stays right when something is created or deleted in between.</summary>
    private (IReadOnlyList<FastRepository> Page, string? Next) Page(string? after, int size, Func<FastRepository, bool> shows)
    {
        var sorted = Sorted();
        var start = 0;
        if (after is not null)
        {
            var (low, high) = (0, sorted.Length);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = string.CompareOrdinal(sorted[middle].Name, after) <= 0 ? (middle + 1, high) : (low, middle);
            }

            start = low;
        }

        var page = new List<FastRepository>(Math.Min(size, sorted.Length - start));
        for (; start < sorted.Length; start++)
        {
            if (!shows(sorted[start]))
            {
                continue;
            }

            if (page.Count == size)
            {
                return (page, page[^1].Name);
            }

            page.Add(sorted[start]);
        }

        return (page, null);
    }

    private FastRepository[] Sorted()
    {
        lock (_sorting)
        {
            // Taken first: what comes while they are sorted makes this order old at once.
            var version = Interlocked.Read(ref _version);
            if (_sorted is not { } sorted || sorted.Version != version)
            {
                _sorted = sorted = ([.. _repositories.Values.OrderBy(repository => repository.Name, StringComparer.Ordinal)], version);
            }

            return sorted.Repositories;
        }
    }

    private FastError? OnTags(string operation, FastRequest request, Utf8JsonWriter json)
    {
        var name = FastRequest.NameOf(request.ResourceArn ?? "");
        if (!_repositories.TryGetValue(name, out var repository) || repository.Arn != request.ResourceArn)
        {
            return NotFound(name);
        }

        switch (operation)
        {
            case "TagResource":
                repository.Tag(request.Tags ?? []);
                return null;
            case "UntagResource":
                repository.Untag(request.TagKeys ?? []);
                return null;
            case "ListTagsForResource":
                repository.WriteTagsTo(json, "tags");
                return null;
            default:
                return Unknown(operation);
        }
    }

    private FastError? OnRepository(string operation, FastRepository repository, FastRequest request, Utf8JsonWriter json)
    {
        switch (operation)
        {
            case "DeleteRepository":
                _repositories.TryRemove(repository.Name, out _);
                Interlocked.Increment(ref _version);
                Write(json, repository);
                return null;
            case "PutImageScanningConfiguration":
                repository.ScanOnPush = request.ImageScanningConfiguration?.ScanOnPush ?? false;
                Identify(repository, json);
                json.WriteStartObject("imageScanningConfiguration");
                json.WriteBoolean("scanOnPush", repository.ScanOnPush);
                json.WriteEndObject();
                return null;
            case "PutImageTagMutability":
                (repository.Mutability, repository.ExclusionFilters) = (request.ImageTagMutability ?? "MUTABLE", request.ImageTagMutabilityExclusionFilters);
                Identify(repository, json);
                repository.WriteMutabilityTo(json);
                return null;
            case "DescribeImages":
                json.WriteStartArray("imageDetails");
                json.WriteEndArray();
                return null;
            case "PutLifecyclePolicy":
                return WritePolicy(repository, json, "lifecyclePolicyText", repository.LifecyclePolicy = request.LifecyclePolicyText);
            case "GetLifecyclePolicy":
                return WritePolicy(repository, json, "lifecyclePolicyText", repository.LifecyclePolicy);
            case "DeleteLifecyclePolicy":
                var lifecycle = repository.LifecyclePolicy;
                repository.LifecyclePolicy = null;
                return WritePolicy(repository, json, "lifecyclePolicyText", lifecycle);
            case "SetRepositoryPolicy":
                return WritePolicy(repository, json, "policyText", repository.Policy = request.PolicyText);
            case "GetRepositoryPolicy":
                return WritePolicy(repository, json, "policyText", repository.Policy);
            case "DeleteRepositoryPolicy":
                var policy = repository.Policy;
                repository.Policy = null;
                return WritePolicy(repository, json, "policyText", policy);
            case "StartLifecyclePolicyPreview" or "GetLifecyclePolicyPreview":
                var isStart = operation.StartsWith("Start", StringComparison.Ordinal);
                WritePolicy(repository, json, "lifecyclePolicyText", request.LifecyclePolicyText ?? repository.LifecyclePolicy ?? "{}");
                json.WriteString("status", isStart ? "IN_PROGRESS" : "COMPLETE");
                return null;
            default:
                return Unknown(operation);
        }
    }

    private FastError? WritePolicy(FastRepository repository, Utf8JsonWriter json, string member, string? text)
    {
        if (text is null)
        {
            return member == "policyText"
                ? new("RepositoryPolicyNotFoundException", $"Repository policy does not exist for the repository with name '{repository.Name}' in the registry with id '{account}'")
                : new("LifecyclePolicyNotFoundException", $"Lifecycle policy does not exist for the repository with name '{repository.Name}' in the registry with id '{account}'");
        }

        Identify(repository, json);
        json.WriteString(member, text);
        return null;
    }

    private void Identify(FastRepository repository, Utf8JsonWriter json)
    {
        json.WriteString("registryId", account);
        json.WriteString("repositoryName", repository.Name);
    }

    private static void Write(Utf8JsonWriter json, FastRepository repository)
    {
        json.WritePropertyName("repository");
        repository.WriteTo(json);
    }

    private FastError NotFound(string name) => new("RepositoryNotFoundException", $"The repository with name '{name}' does not exist in the registry with id '{account}'");

    private static FastError Unknown(string operation) => new("UnknownOperationException", $"There is no operation {operation} here.");
}
