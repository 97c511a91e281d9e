using InfraOperator.Silo;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

try
{
    using var host = SiloApplication.CreateBuilder(args).Build();

    // Before anything starts, so that a person reads one sentence and not a stack trace.
    await SiloApplication.CheckAsync(host);
    await host.RunAsync();
    return 0;
}
catch (Exception exception) when (exception is SiloConfigurationException or OptionsValidationException)
{
    await Console.Error.WriteLineAsync($"infra-operator cannot start: {exception.Message}");
    return 2;
}
