using System.Text.Json.Serialization.Metadata;

namespace InfraOperator.Kubernetes;

/// <summary>What to watch, and as what.</summary>
/// <typeparam name="T">The object as far as it matters. What it has no member for (such as <c>managedFields</c>) is skipped while
/// parsing and costs no memory.</typeparam>
/// <param name="Kind">The collection.</param>
/// <param name="Json">How to read an object.</param>
/// <param name="Identify">The identity of an object that was read.</param>
public sealed record WatchedKind<T>(ResourceKind Kind, JsonTypeInfo<T> Json, Func<T, ObjectReference> Identify)
    where T : class;
