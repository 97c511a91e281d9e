using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using InfraOperator.Abstractions;
using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Grains.Tests.ControlPlane;

public sealed class CreationTests(SandboxControlPlane environment) : CreationConformance(environment);

public sealed class UpdateTests(SandboxControlPlane environment) : UpdateConformance(environment);

public sealed class ComparisonTests(SandboxControlPlane environment) : ComparisonConformance(environment);

/// <summary>Of ECR's repositories the mock's tagging API knows none, so what a sweep sees of their tags is tried here.</summary>
public sealed class SweepTests(SandboxControlPlane environment) : SweepConformance(environment)
{
    [Fact]
    public Task Tags_that_differ_are_read_again_and_then_corrected() => CorrectAsync("tags.team", "TagResource");

    [Fact]
    public async Task That_tags_cannot_be_read_for_a_while_is_no_news_of_repositories_in_order()
    {
        string[] names = ["a", "b", "c", "d"];
        await Task.WhenAll(names.Select(name => CreateSyncedAsync(name, new() { ["scanOnPush"] = true })));
        await SweepAsync();
        using (Environment.Aws.Interfere(request => request.AccessKeyId == AccessKeyId && request.Operation == "GetResources" ? Interference.AwsError("ThrottlingException") : null))
        {
            Assert.Equal(0, await ToldBySweepAsync());

            // What shows without tags is told all the same.
            await Ecr.PutImageScanningConfigurationAsync(new() { RepositoryName = RepositoryOf("c"), ImageScanningConfiguration = new() { ScanOnPush = false } }, Cancel);
            Assert.Equal(1, await ToldBySweepAsync());
            await Environment.Aws.UntilAsync(request => request.Name == RepositoryOf("c") && request.Operation == "PutImageScanningConfiguration").WaitAsync(KubernetesObjects.Deadline, Cancel);
            await CompareAsync("c");
        }

        // What was never seen together with its tags is looked at with them.
        await TagInAwsAsync("b", "seen", "now");
        Assert.Equal(2, await ToldBySweepAsync());
    }

    private async Task<int> ToldBySweepAsync()
    {
        var before = Told().Length;
        await SweepAsync();
        return Told().Skip(before).Sum(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));

        Match[] Told() => [.. Environment.Log.Lines.Select(line => Regex.Match(line, $@"Swept .* of awsprovider \S*{Regex.Escape(Namespace)}/aws in .*; (\d+) were told")).Where(match => match.Success)];
    }
}

public sealed class DeletionTests(SandboxControlPlane environment) : DeletionConformance(environment);

public sealed class NamespaceDeletionTests(SandboxControlPlane environment) : NamespaceDeletionConformance(environment);

public sealed class GuardedDeletionTests(SandboxControlPlane environment) : GuardedDeletionConformance(environment);

public sealed class OwnershipTests(SandboxControlPlane environment) : OwnershipConformance(environment);

public sealed class UntaggedTests(SandboxControlPlane environment) : UntaggedConformance(environment);

public sealed class DeletionBrakeTests(SandboxControlPlane environment) : DeletionBrakeConformance(environment);

public sealed class IamTests(SandboxControlPlane environment) : IamConformance(environment);

public sealed class ProviderTests(SandboxControlPlane environment) : ProviderConformance(environment);

public sealed class ProviderChangeTests(SandboxControlPlane environment) : ProviderChangeConformance(environment);

public sealed class TenancyTests(SandboxControlPlane environment) : TenancyConformance(environment);

public sealed class AwsFailureTests(SandboxControlPlane environment) : AwsFailureConformance(environment);

public sealed class KubernetesFailureTests(SandboxControlPlane environment) : KubernetesFailureConformance(environment);

public sealed class BadInputTests(SandboxControlPlane environment) : BadInputConformance(environment);

/// <summary>The sandbox has previews, so one is seen from annotation to result.</summary>
public sealed class LifecyclePreviewTests(SandboxControlPlane environment) : LifecyclePreviewConformance(environment)
{
    [Fact]
    public async Task A_preview_tells_which_images_would_expire()
    {
        await CreateSyncedAsync("app");
        foreach (var tag in (string[])["v1", "v2", "v3", "v4", "v5", "v6", "v7"])
        {
            await PushAsync("app", tag);
        }

        await AnnotateAsync("app", ApiNames.PausedAnnotation, "true");
        await PatchSpecAsync("app", new() { ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepFive } });
        await AskAsync("app", "try");
        var told = await UntilPreviewAsync("app", "try", LifecyclePreviewStates.Complete);

        Assert.Equal(2, (long?)told["status"]!["lifecyclePreview"]!["expiring"]);
        Assert.Equal(["v1", "v2"], told["status"]!["lifecyclePreview"]!["sample"]!.AsArray().Select(image => (string)image!));
        Assert.Null(await LifecyclePolicyInAwsAsync("app"));
    }
}

public sealed class KstatusTests(SandboxControlPlane environment) : KstatusConformance(environment);

public sealed class ReasonTests(SandboxControlPlane environment) : ReasonConformance(environment);

public sealed class ObserveTests(SandboxControlPlane environment) : ObserveConformance(environment);

public sealed class DeletedOutsideTests(SandboxControlPlane environment) : DeletedOutsideConformance(environment);

public sealed class RequestTests(SandboxControlPlane environment) : RequestConformance(environment);

public sealed class StatusTests(SandboxControlPlane environment) : StatusConformance(environment);

/// <summary>Runs when all others are done.</summary>
[CollectionDefinition(nameof(CallsTests), DisableParallelization = true)]
[Collection(nameof(CallsTests))]
public sealed class CallsTests(SandboxControlPlane environment) : CallsConformance(environment);

/// <inheritdoc cref="CallsTests"/>
[Collection(nameof(CallsTests))]
public sealed class SecretsTests(SandboxControlPlane environment) : SecretsConformance(environment);
