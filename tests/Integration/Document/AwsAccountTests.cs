using System.Text.Json.Nodes;

namespace InfraOperator.Integration.Document;

/// <summary>The document's commands for the account, the role and the key, as the calls they are.</summary>
public sealed class AwsAccountTests(DocumentFixture fixture) : DocumentTest(fixture)
{
    [DocumentLine("aws sts get-caller-identity")]
    public Task The_account_is_the_providers() => AssertAccountAsync();

    [DocumentLine("export AWS_ACCOUNT_ID=$(aws sts get-caller-identity --query Account --output text)")]
    public Task The_account_for_the_trust_policy_is_the_providers() => AssertAccountAsync();

    [DocumentLine(
        "cat > trust-policy.json <<EOF…",
        Then =
        [
            "aws iam create-role --role-name infra-operator-ecr-role --assume-role-policy-document file://trust-policy.json --description \"Role for Infra Operator ECR management\"",
            "aws iam put-role-policy --role-name infra-operator-ecr-role --policy-name ECRManagement --policy-document file://ecr-policy.json",
            "aws iam get-role --role-name infra-operator-ecr-role --query 'Role.Arn' --output text",
        ])]
    public async Task The_operators_role_is_made()
    {
        await DeleteRoleAsync("infra-operator-ecr-role", "ECRManagement");
        _ = (await Fixture.Shell.RunAsync($"export AWS_ACCOUNT_ID=123456789012 OIDC_PROVIDER=oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE\n{Line().Text}")).Success;

        var created = await CallAsync(1);
        var policy = await CallAsync(2);
        var role = await CallAsync(3);

        const string Arn = "arn:aws:iam::123456789012:role/infra-operator-ecr-role";
        Assert.Equal(Arn, created.Xml("Arn"));
        Assert.NotEmpty(policy.Xml("RequestId"));
        Assert.Equal(Arn, role.Xml("Arn"));
        var trust = JsonNode.Parse(Uri.UnescapeDataString(role.Xml("AssumeRolePolicyDocument")))!["Statement"]![0]!;
        Assert.Equal("system:serviceaccount:infra-operator-system:infra-operator-controller-manager", (string?)trust["Condition"]!["StringEquals"]!["oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE:sub"]);
        await DeleteRoleAsync("infra-operator-ecr-role", "ECRManagement");
    }

    [DocumentLine("aws iam get-role --role-name ECS-Task-Role")]
    public async Task The_other_accounts_role_is_looked_at()
    {
        await IamAsync("CreateRole", new() { ["RoleName"] = "ECS-Task-Role", ["AssumeRolePolicyDocument"] = "{}" });

        Assert.Equal("ECS-Task-Role", (await CallAsync()).Xml("RoleName"));

        await IamAsync("DeleteRole", new() { ["RoleName"] = "ECS-Task-Role" });
    }

    [DocumentLine("aws iam get-user-policy --user-name <username> --policy-name <policy>", Shows = "with names in the brackets")]
    public async Task A_users_policy_is_looked_at()
    {
        await IamAsync("CreateUser", new() { ["UserName"] = "pusher" });
        await IamAsync("PutUserPolicy", new() { ["UserName"] = "pusher", ["PolicyName"] = "push", ["PolicyDocument"] = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:PutImage","Resource":"*"}]}""" });
        var command = Line().Name.Replace("<username>", "pusher", StringComparison.Ordinal).Replace("<policy>", "push", StringComparison.Ordinal);

        var answer = await Fixture.Aws.SendAsync(AwsCommand.Parse(command, Fixture.Shell.Folder));

        Assert.Contains("ecr:PutImage", Uri.UnescapeDataString(answer.Xml("PolicyDocument")));
        await IamAsync("DeleteUserPolicy", new() { ["UserName"] = "pusher", ["PolicyName"] = "push" });
        await IamAsync("DeleteUser", new() { ["UserName"] = "pusher" });
    }

    [DocumentLine("aws kms describe-key --key-id alias/ecr-encryption")]
    public async Task The_key_behind_the_alias_exists() =>
        Assert.True((bool?)(await CallAsync()).Json["KeyMetadata"]!["Enabled"]);

    private async Task AssertAccountAsync()
    {
        var status = (await Fixture.ReadAsync("AWSProvider", "production-aws"))["status"]!;

        Assert.Equal((string?)status["accountID"], (await CallAsync()).Xml("Account"));
    }

    private async Task DeleteRoleAsync(string role, string policy)
    {
        await IamAsync("DeleteRolePolicy", new() { ["RoleName"] = role, ["PolicyName"] = policy });
        await IamAsync("DeleteRole", new() { ["RoleName"] = role });
    }

    private Task<AwsAnswer> IamAsync(string operation, JsonObject parameters) => Fixture.Aws.SendAsync("iam", operation, parameters);
}
