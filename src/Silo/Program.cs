using InfraOperator.Silo;
using Microsoft.Extensions.Options;

NamelessProxy.Install();
try
{
    await using var application = SiloApplication.CreateBuilder(args).Build();
    SiloApplication.Map(application);

    // Before anything starts, so that a person reads one sentence and not a stack trace.
    await SiloApplication.CheckAsync(application);
    await application.RunAsync();
    return 0;
}
catch (Exception exception) when (exception is SiloConfigurationException or OptionsValidationException)
{
    await Console.Error.WriteLineAsync($"infra-operator cannot start: {exception.Message}");
    return 2;
}
catch (Orleans.Runtime.OrleansLifecycleCanceledException)
{
    // SIGTERM came while the silo was still starting.
    return 0;
}
catch (IOException exception)
{
    // Kestrel names the address.
    await Console.Error.WriteLineAsync($"infra-operator cannot start: {exception.Message} Choose another port by {SiloApplication.HttpPort}, or 0 for one that is free.");
    return 2;
}
