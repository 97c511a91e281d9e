using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace InfraOperator.Aws.Pipeline;

/// <summary>Counts and times what is asked of AWS. A call that is tried again counts each time, as it does with AWS.</summary>
internal sealed class AwsMetrics
{
    public const string MeterName = "InfraOperator.Aws";

    private const string Suffix = "Request";
    private readonly TimeProvider _time;
    private readonly Counter<long> _calls;
    private readonly Histogram<double> _duration;

    public AwsMetrics(IMeterFactory? meters, TimeProvider time)
    {
        _time = time;
        var meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _calls = meter.CreateCounter<long>("infra_operator.aws.calls", description: "Calls of AWS operations, each attempt by itself.");
        _duration = meter.CreateHistogram("infra_operator.aws.call.duration", "s", "How long AWS took to answer, or the call to fail.", advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
        });
    }

    public long Start() => _time.GetTimestamp();

    public void Succeeded(string request, long started) => Record(request, "Success", started);

    public void Failed(string request, Exception exception, long started) =>
        Record(request, AwsFailure.From(exception, "")?.Kind.ToString() ?? (exception is OperationCanceledException ? "Canceled" : nameof(AwsFailureKind.Unknown)), started);

    private void Record(string request, string outcome, long started)
    {
        var operation = request.EndsWith(Suffix, StringComparison.Ordinal) ? request[..^Suffix.Length] : request;
        _calls.Add(1, new TagList { { "operation", operation }, { "outcome", outcome } });
        _duration.Record(_time.GetElapsedTime(started).TotalSeconds, new KeyValuePair<string, object?>("operation", operation));
    }
}
