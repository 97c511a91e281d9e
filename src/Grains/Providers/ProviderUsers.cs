using InfraOperator.Abstractions;
using InfraOperator.Kubernetes;

namespace InfraOperator.Grains.Providers;

/// <summary>The repositories that name a provider.</summary>
/// <param name="Count">How many.</param>
/// <param name="First">One of them.</param>
/// <param name="Unreadable">Why it cannot be told; null where it can.</param>
internal sealed record ProviderUsers(int Count, string? First, string? Unreadable = null)
{
    /// <summary>Reads them afresh.</summary>
    /// <param name="key">The provider.</param>
    /// <param name="repositories">Where to look.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="KubernetesApiException">The server refused or did not answer.</exception>
    public static async Task<ProviderUsers> FindAsync(ResourceKey key, ResourceStore<ECRRepository> repositories, CancellationToken cancellationToken)
    {
        var (count, first) = (0, default(string));
        try
        {
            await foreach (var repository in repositories.ListAsync(cancellationToken))
            {
                var reference = repository.Spec.ProviderRef;
                if (reference.Name == key.Name && (reference.Namespace is { Length: > 0 } ns ? ns : repository.Metadata.Namespace) == key.Namespace)
                {
                    first ??= $"{repository.Metadata.Namespace}/{repository.Metadata.Name}";
                    count++;
                }
            }
        }
        catch (KubernetesApiException exception) when (exception.Failure == KubernetesFailure.Unknown)
        {
            // An object that cannot be read may be a user.
            return new(count + 1, first, exception.Message);
        }

        return new(count, first);
    }
}
