namespace InfraOperator.Integration.Processes;

/// <summary>Silos as processes, one after the other, each the only one of its API server.</summary>
[CollectionDefinition(nameof(OnRealServers))]
public sealed class OnRealServers : ICollectionFixture<BetweenRealServers>;

[Collection(nameof(OnRealServers))]
public sealed class InterruptedDeletionTests(BetweenRealServers environment) : InterruptedDeletion(environment);

public sealed class SandboxInterruptedDeletionTests(BetweenSandboxes environment) : InterruptedDeletion(environment), IClassFixture<BetweenSandboxes>;
