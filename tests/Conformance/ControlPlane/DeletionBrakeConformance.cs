using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>A mass deletion that nobody meant stops before it has taken everything, and goes on when a person says so.</summary>
public abstract class DeletionBrakeConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    /// <summary>The environment's limit.</summary>
    private const int Limit = 40;

    private static readonly string[] Full = [.. Enumerable.Range(0, Limit + 5).Select(number => $"full-{number}")];

    [Fact]
    public async Task More_deletions_with_images_than_the_limit_are_held_until_they_are_released()
    {
        string[] empty = ["empty-0", "empty-1", "empty-2"];
        await Task.WhenAll(Full.Concat(empty).Select(name => CreateSyncedAsync(name)));
        await Task.WhenAll(Full.Select(name => PushAsync(name, "one")));

        await Task.WhenAll(Full.Concat(empty).Select(name => DeleteAsync(name)));
        await Task.WhenAll(empty.Select(name => UntilGoneAsync(name)));
        var held = await UntilAsync("aws", value => value.Message()?.Contains(ApiNames.ReleaseDeletionAnnotation, StringComparison.Ordinal) == true, AWSProvider.Kind);
        Assert.NotNull(held["status"]!["deletions"]!["heldSince"]);
        Assert.Equal("True", held.Condition(ConditionTypes.Ready)!.Value.Status);

        var left = await UntilLeftAsync();
        Assert.Equal(5, left.Length);
        foreach (var name in left)
        {
            var told = await UntilReasonAsync(name, ConditionTypes.Synced, Reasons.DeletionHeld);
            Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Stalled)!.Value.Status);
            Assert.Contains(ApiNames.ReleaseDeletionAnnotation, told.Message());
            Assert.NotNull(await FindInAwsAsync(name));
        }

        Assert.Single(await Objects.EventsAsync(Namespace, "aws"), item => (string?)item["reason"] == Reasons.DeletionHeld);

        await AnnotateAsync("aws", ApiNames.ReleaseDeletionAnnotation, "go", AWSProvider.Kind);
        await Task.WhenAll(left.Select(name => UntilGoneAsync(name)));
        Assert.All(await Task.WhenAll(Full.Select(FindInAwsAsync)), Assert.Null);
        var released = await UntilAsync("aws", value => (string?)value["status"]?["deletions"]?["lastHandledRelease"] == "go", AWSProvider.Kind);
        Assert.Null(released["status"]!["deletions"]!["heldSince"]);
        Assert.Null(released.Message());
    }

    /// <summary>Waits until each object is gone or held, and says which are held.</summary>
    private async Task<string[]> UntilLeftAsync()
    {
        var ends = await Task.WhenAll(Full.Select(async name =>
            (Name: name, Held: await Objects.UntilGoneOrAsync(ECRRepository.Kind, Namespace, name, value => value.Condition(ConditionTypes.Synced)?.Reason == Reasons.DeletionHeld))));
        return [.. ends.Where(end => end.Held is not null).Select(end => end.Name)];
    }
}
