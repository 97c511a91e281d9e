namespace InfraOperator.Grains.Planning;

/// <summary>Texts that have to fit into a field of bounded length.</summary>
internal static class Text
{
    /// <summary>The text where it fits, else its beginning and an ellipsis. A surrogate pair is not cut in two.</summary>
    public static string Cut(this string value, int maxLength)
    {
        if (value.Length <= maxLength)
        {
            return value;
        }

        var kept = maxLength - 1;
        return $"{value[..(char.IsHighSurrogate(value[kept - 1]) ? kept - 1 : kept)]}…";
    }
}
