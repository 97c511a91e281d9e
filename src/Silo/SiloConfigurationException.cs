namespace InfraOperator.Silo;

/// <summary>A setting cannot be used. The message names it and says how to mend it.</summary>
/// <param name="message">The message.</param>
/// <param name="inner">What brought it to light.</param>
public sealed class SiloConfigurationException(string message, Exception? inner = null) : Exception(message, inner);
