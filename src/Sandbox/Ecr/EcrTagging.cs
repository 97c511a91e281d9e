using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace InfraOperator.Sandbox.Ecr;

/// <summary>The tagging API's view of repositories. AWS's lags behind ECR; this one does not.</summary>
internal sealed partial class EcrCall
{
    private const int MostPerPage = 100;

    private const string Mappings = "ResourceTagMappingList";

    /// <summary>What cannot be asked beside ARNs; the first three cannot be asked here at all.</summary>
    private static readonly string[] Filters = ["TagFilters", "TagsPerPage", "IncludeComplianceDetails", "ResourceTypeFilters", "ResourcesPerPage", "PaginationToken"];

    private JsonObject GetResources()
    {
        var filters = Filters.Where(IsGiven).ToArray();
        if (request["ResourceARNList"] is JsonArray arns)
        {
            return filters is [] ? Of(arns) : throw EcrError.Invalid(filters[0], "must not be specified with ResourceARNList");
        }

        if (filters.Intersect(Filters[..3]).FirstOrDefault() is { } unread)
        {
            throw new EcrError("UnknownOperationException", $"The sandbox does not evaluate {unread}.");
        }

        var types = (request["ResourceTypeFilters"] as JsonArray ?? []).Select(type => (string?)type).ToArray();
        var fitting = types is [] || types.Any(type => type is "ecr" or "ecr:repository") ? repositories.Values.Where(IsSeen) : [];
        return Last(Page(fitting.Select(repository => ((string)repository.Shape["repositoryName"]!, Mapping(repository))), Mappings, MostPerPage, "ResourcesPerPage", "PaginationToken"));
    }

    /// <summary>What does not exist is left out, and so is what lies in another account or region.</summary>
    private JsonObject Of(JsonArray arns)
    {
        EcrRules.CheckCount("ResourceARNList", arns.Count, 1, MostPerPage);
        var asked = arns.Select(arn => (string?)arn ?? "").Distinct().ToArray();
        if (asked.FirstOrDefault(arn => !ArnPattern().IsMatch(arn)) is { } wrong)
        {
            throw new EcrError("InvalidParameterException", $"{wrong} is not a valid AmazonResourceName (ARN)");
        }

        var found = asked.Where(arn => arn.StartsWith(ArnPrefix, StringComparison.Ordinal)).Select(arn => repositories.GetValueOrDefault(arn[ArnPrefix.Length..]));
        return Last(new() { [Mappings] = Array(found.OfType<EcrRepository>().Where(IsSeen).Select(Mapping)) });
    }

    /// <summary>The token is empty where no page follows, not absent.</summary>
    private static JsonObject Last(JsonObject answer)
    {
        answer.TryAdd("PaginationToken", "");
        return answer;
    }

    private bool IsGiven(string parameter) => request[parameter] switch
    {
        null => false,
        JsonArray list => list.Count > 0,
        var value => value.ToString() is not ("" or "false"),
    };

    private bool IsSeen(EcrRepository repository) => repository.EverTagged && repository.VisibleAt <= _now;

    private static JsonNode Mapping(EcrRepository repository) => new JsonObject
    {
        ["ResourceARN"] = (string)repository.Shape["repositoryArn"]!,
        ["Tags"] = TagsOf(repository),
    };

    [GeneratedRegex(@"^arn:aws:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12})?:.+\z")]
    private static partial Regex ArnPattern();
}
