using System.Runtime.CompilerServices;

namespace InfraOperator.Integration.Document;

/// <summary>
/// A test that proves a command line of the user's document, and is displayed as that line. What the test runs is the document's
/// own text, found by this name: white space counts as one blank, and a name that ends in … is a beginning.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DocumentLineAttribute : FactAttribute
{
    public DocumentLineAttribute(string line, [CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber)
    {
        Lines = [line];
        DisplayName = Display();
    }

    /// <summary>All lines that the test proves, in their order.</summary>
    public string[] Lines { get; private set; }

    /// <summary>The lines that follow the first.</summary>
    public string[] Then
    {
        get => Lines[1..];
        set
        {
            Lines = [Lines[0], .. value];
            DisplayName = Display();
        }
    }

    /// <summary>What the test shows of the line, where that is not simply that it works.</summary>
    public string? Shows
    {
        get;
        set
        {
            field = value;
            DisplayName = Display();
        }
    }

    private string Display() => string.Join(" && ", Lines) + (Shows is null ? "" : $" ({Shows})");
}
