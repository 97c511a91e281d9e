using Amazon.Runtime;

namespace Amazon.ECR.Model;

/// <summary>The base of all requests to Amazon ECR.</summary>
public partial class AmazonECRRequest : AmazonWebServiceRequest;
