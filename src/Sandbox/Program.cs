using System.CommandLine;
using InfraOperator.Sandbox;

var apiPort = new Option<int>("--api-port") { Description = "Port of the Kubernetes API on 127.0.0.1; 0 chooses one.", DefaultValueFactory = _ => 0 };
var awsPort = new Option<int>("--aws-port") { Description = "Port of the ECR and STS API on 127.0.0.1; 0 chooses one.", DefaultValueFactory = _ => 0 };
var noDemo = new Option<bool>("--no-demo") { Description = "Start empty, without the quick-start objects." };
var command = new RootCommand("A Kubernetes API, an ECR and an infra-operator silo in one process and in memory, to try the product.") { apiPort, awsPort, noDemo };
foreach (var option in new[] { apiPort, awsPort })
{
    option.Validators.Add(result =>
    {
        if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var port) && port is < 0 or > 65535)
        {
            result.AddError($"{option.Name} is {port}: it must be a port, 0 to 65535.");
        }
    });
}

command.SetAction((arguments, cancellationToken) => SandboxProgram.RunAsync(
    new(arguments.GetValue(apiPort), arguments.GetValue(awsPort), !arguments.GetValue(noDemo)), cancellationToken));
return await command.Parse(args).InvokeAsync();
