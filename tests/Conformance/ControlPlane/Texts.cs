namespace InfraOperator.Conformance.ControlPlane;

/// <summary>Policies that the tests use.</summary>
public static class Texts
{
    public const string KeepTen = """
        {"rules":[{"rulePriority":1,"description":"Keep the last ten","selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":10},"action":{"type":"expire"}}]}
        """;

    /// <summary>The same as <see cref="KeepTen"/>, spelled otherwise.</summary>
    public const string KeepTenOtherwise = """
        { "rules" : [ {
            "action": { "type": "expire" },
            "selection": { "countNumber": 10, "countType": "imageCountMoreThan", "tagStatus": "any" },
            "description": "Keep the last ten",
            "rulePriority": 1 } ] }
        """;

    public const string KeepFive = """
        {"rules":[{"rulePriority":1,"description":"Keep the last five","selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":5},"action":{"type":"expire"}}]}
        """;

    public const string AllowPull = """
        {"Version":"2012-10-17","Statement":[{"Sid":"Pull","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}]}
        """;

    /// <summary>The same as <see cref="AllowPull"/>, spelled otherwise.</summary>
    public const string AllowPullOtherwise = """
        { "Statement": { "Principal": { "AWS": [ "111122223333" ] }, "Effect": "Allow", "Sid": "Pull",
          "Action": [ "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage" ] }, "Version": "2012-10-17" }
        """;

    public const string AllowPush = """
        {"Version":"2012-10-17","Statement":[{"Sid":"Push","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":["ecr:PutImage"]}]}
        """;
}
