using InfraOperator.Grains;
using InfraOperator.Grains.Hosting;
using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace InfraOperator.Integration.Chart;

/// <summary>The rules that docs/tenancy.md prints fit the chart, arrive at the silo and pass its check.</summary>
public sealed class TenancyGuideTests
{
    private static string Sample => Assert.Single(InstallGuide.Blocks("yaml", "tenancy.md"));

    [Fact]
    public async Task The_sample_is_taken_as_it_is()
    {
        Assert.Empty(await SchemaTests.ErrorsAsync(Release.Values(Sample)));

        var options = OptionsTests.Bind(await Release.RenderAsync(Release.Values(Sample)));
        Assert.Equal(["team-a", "platform", "others"], options.Tenants.Select(rule => rule.Name));
        Assert.Null(Check(options));

        // The check that it passes is one that can fail.
        options.Tenants[0].AccountIDs.Add("12345678901");
        Assert.Contains("Operator:Tenants:0:AccountIDs", Check(options));
    }

    [Fact]
    public void The_sample_shows_every_field()
    {
        var shown = Release.Values(Sample)["operator"]!["tenants"]![0]!.AsObject().Select(field => field.Key).ToArray();

        Assert.Equal(
            typeof(TenantOptions).GetProperties().Select(property => property.Name).Order(StringComparer.OrdinalIgnoreCase),
            shown.Order(StringComparer.OrdinalIgnoreCase),
            StringComparer.OrdinalIgnoreCase);
    }

    private static string? Check(OperatorOptions options)
    {
        using var services = new ServiceCollection().AddControlPlane(new KubernetesClientConfiguration(), "suite").BuildServiceProvider();
        var failures = services.GetServices<IValidateOptions<OperatorOptions>>().Select(validator => validator.Validate(Options.DefaultName, options)).Where(result => result.Failed).ToArray();
        return failures.Length == 0 ? null : string.Join(' ', failures.Select(failure => failure.FailureMessage));
    }
}
