using System.Reflection;
using Xunit.v3;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>What is said of all requests that the other tests of an environment led to, when they have ended.</summary>
public abstract class EndOfSuite(ControlPlaneEnvironment environment)
{
    /// <summary>Everything that the tests ran on.</summary>
    protected ControlPlaneEnvironment Environment => environment;

    /// <summary>Whether every test of the environment was run. Of a part of them nothing can be said about what is not called.</summary>
    protected bool IsWholeSuite() => GetType().Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(ControlPlaneConformance)) && type.GetConstructors().Any(TakesTheEnvironment))
        .SelectMany(type => type.GetMethods().Where(IsTest).Select(method => (type.FullName!, method.Name)))
        .All(environment.Began.ContainsKey);

    private bool TakesTheEnvironment(ConstructorInfo constructor) => constructor.GetParameters().Any(parameter => parameter.ParameterType == environment.GetType());

    private static bool IsTest(MethodInfo method) => method.GetCustomAttributes().Any(attribute => attribute is IFactAttribute);
}
