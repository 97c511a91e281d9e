namespace InfraOperator.Kubernetes.Tests.Patches;

public class FinalizerPatchTests
{
    [Fact]
    public void The_first_finalizer_is_added_where_there_is_no_list() =>
        Assert.Equal(
            """[{"op":"test","path":"/metadata/uid","value":"u"},{"op":"test","path":"/metadata/finalizers","value":null},{"op":"add","path":"/metadata/finalizers","value":["ours"]}]""",
            FinalizerPatch.Add("u", [], "ours")!.ToString());

    [Fact]
    public void A_further_finalizer_is_added_behind_the_others() =>
        Assert.Equal(
            """[{"op":"test","path":"/metadata/uid","value":"u"},{"op":"test","path":"/metadata/finalizers","value":["theirs"]},{"op":"add","path":"/metadata/finalizers/-","value":"ours"}]""",
            FinalizerPatch.Add("u", ["theirs"], "ours")!.ToString());

    [Fact]
    public void What_is_there_is_not_added_again() => Assert.Null(FinalizerPatch.Add("u", ["ours"], "ours"));

    [Fact]
    public void The_last_finalizer_takes_the_list_with_it() =>
        Assert.Equal(
            """[{"op":"test","path":"/metadata/uid","value":"u"},{"op":"test","path":"/metadata/finalizers","value":["ours","older"]},{"op":"remove","path":"/metadata/finalizers"}]""",
            FinalizerPatch.Remove("u", ["ours", "older"], "older", "ours")!.ToString());

    [Fact]
    public void Other_finalizers_stay_in_their_order() =>
        Assert.Equal(
            """[{"op":"test","path":"/metadata/uid","value":"u"},{"op":"test","path":"/metadata/finalizers","value":["a","ours","b"]},{"op":"replace","path":"/metadata/finalizers","value":["a","b"]}]""",
            FinalizerPatch.Remove("u", ["a", "ours", "b"], "ours")!.ToString());

    [Fact]
    public void What_is_not_there_is_not_removed()
    {
        Assert.Null(FinalizerPatch.Remove("u", ["theirs"], "ours"));
        Assert.Null(FinalizerPatch.Remove("u", [], "ours"));
    }
}
