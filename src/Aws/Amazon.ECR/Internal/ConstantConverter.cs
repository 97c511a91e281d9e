using System.Text.Json;
using System.Text.Json.Serialization;
using Amazon.Runtime;

namespace Amazon.ECR.Internal;

/// <summary>A <see cref="ConstantClass"/> that can be found by its value.</summary>
/// <typeparam name="TSelf">The class itself.</typeparam>
public interface IConstant<TSelf>
    where TSelf : ConstantClass, IConstant<TSelf>
{
    /// <summary>The constant with this value; a new one where the value is unknown, so that AWS may add values.</summary>
    /// <param name="value">The value as AWS spells it.</param>
    static abstract TSelf FindValue(string value);
}

/// <summary>Constants travel as their value.</summary>
internal sealed class ConstantConverter<T> : JsonConverter<T>
    where T : ConstantClass, IConstant<T>
{
    public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } value ? T.FindValue(value) : null;

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
