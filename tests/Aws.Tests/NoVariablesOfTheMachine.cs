using System.Runtime.CompilerServices;

namespace InfraOperator.Aws.Tests;

/// <summary>The SDK reads region, endpoint and keys from variables, which whoever runs the tests may have set for something else.</summary>
internal static class NoVariablesOfTheMachine
{
    [ModuleInitializer]
    internal static void Clear()
    {
        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(static name => name.StartsWith("AWS_", StringComparison.Ordinal)))
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }
}
