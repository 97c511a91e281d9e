using System.Text.Json.Serialization;
using Amazon.ResourceGroupsTaggingAPI.Model;

namespace Amazon.ResourceGroupsTaggingAPI.Internal;

/// <summary>The JSON of the protocol: members as C# spells them, absent ones left out.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GetResourcesRequest))]
[JsonSerializable(typeof(GetResourcesResponse))]
internal sealed partial class TaggingJson : JsonSerializerContext;
