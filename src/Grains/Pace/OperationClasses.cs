using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Pace;

/// <summary>Which operations are taken to share a limit.</summary>
internal static class OperationClasses
{
    /// <summary>The class of an operation.</summary>
    /// <param name="operation">Its name in AWS.</param>
    public static OperationClass Of(string operation) => operation switch
    {
        "DescribeRepositories" or "DescribeImages" => OperationClass.List,
        "ListTagsForResource" or "GetLifecyclePolicy" or "GetRepositoryPolicy" => OperationClass.Read,
        "StartLifecyclePolicyPreview" or "GetLifecyclePolicyPreview" => OperationClass.Preview,
        "GetResources" => OperationClass.Tagging,
        _ => OperationClass.Write,
    };
}
