namespace InfraOperator.Grains.Placement;

/// <summary>The silos that take work, as this silo knows them.</summary>
internal sealed class ActiveSilos(IClusterMembershipService membership, ILocalSiloDetails local)
{
    private (MembershipVersion Version, SiloAddress[] Silos) _known = (MembershipVersion.MinValue, []);

    /// <summary>This silo.</summary>
    public SiloAddress Own => local.SiloAddress;

    /// <summary>Whether a grain ends because this silo does, while there is another that can take what it knows.</summary>
    public bool IsToBeLeft(DeactivationReason reason) => reason.ReasonCode == DeactivationReasonCode.ShuttingDown && Current.Any(silo => !silo.Equals(Own));

    /// <summary>All of them.</summary>
    public IReadOnlyList<SiloAddress> Current
    {
        get
        {
            var snapshot = membership.CurrentSnapshot;
            if (_known.Version != snapshot.Version)
            {
                _known = (snapshot.Version, Of(snapshot));
            }

            return _known.Silos;
        }
    }

    /// <summary>The silos that take work in a view of the membership.</summary>
    public static SiloAddress[] Of(ClusterMembershipSnapshot snapshot) => [.. snapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress)];
}
