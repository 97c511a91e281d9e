namespace InfraOperator.Aws.Credentials;

/// <summary>Credentials in whose place others may come once AWS has refused them.</summary>
internal interface IRenewableCredentials
{
    /// <summary>Whether a call that was refused may go with other ones.</summary>
    bool IsRenewable { get; }

    /// <summary>Drops credentials that AWS has refused, unless others have taken their place already.</summary>
    void Forget(string accessKeyId);
}
