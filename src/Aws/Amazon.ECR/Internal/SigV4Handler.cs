using Amazon.Runtime;
using Amazon.Runtime.Credentials.Internal;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;

namespace Amazon.ECR.Internal;

/// <summary>Chooses Signature Version 4 for every call; without it the pipeline has neither signer nor identity.</summary>
internal sealed class SigV4Handler : BaseAuthResolverHandler
{
    protected override List<IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) => AuthSchemeOption.DEFAULT_SIGV4;
}

/// <summary>Names the service in the SDK's spans and metrics.</summary>
internal sealed class AmazonECRMetadata : IServiceMetadata
{
    public string ServiceId => "ECR";

    public IDictionary<string, string> OperationNameMapping { get; } = new Dictionary<string, string>();
}
