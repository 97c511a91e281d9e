using System.Collections.Concurrent;
using System.Diagnostics;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>A token bucket for each account and region, as AWS has them: what finds it empty is refused at once.</summary>
/// <param name="rate">How many calls a second refill it.</param>
/// <param name="burst">How many calls fill it.</param>
/// <param name="perOperation">Whether each operation has a bucket of its own; otherwise all share one.</param>
internal sealed class CallLimit(double rate, int burst, bool perOperation = false)
{
    private readonly ConcurrentDictionary<(FastRegistry, string), Bucket> _buckets = new();

    /// <summary>Takes a token, if there is one.</summary>
    public bool TryTake(FastRegistry registry, string operation)
    {
        var bucket = _buckets.GetOrAdd((registry, perOperation ? operation : ""), _ => new() { Tokens = burst, At = Stopwatch.GetTimestamp() });
        lock (bucket)
        {
            var now = Stopwatch.GetTimestamp();
            bucket.Tokens = Math.Min(burst, bucket.Tokens + (Stopwatch.GetElapsedTime(bucket.At, now).TotalSeconds * rate));
            bucket.At = now;
            if (bucket.Tokens < 1)
            {
                return false;
            }

            bucket.Tokens--;
            return true;
        }
    }

    private sealed class Bucket
    {
        public double Tokens { get; set; }

        public long At { get; set; }
    }
}
