using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Providers;

/// <summary>
/// Asks AWS once for what many ask at the same time. What is asked while no call is under way goes at once; what is asked meanwhile travels
/// in the next call, so that every answer was made after it was asked for. A key that spoils the call it travels in fails only itself.
/// </summary>
/// <typeparam name="T">What is read of a key.</typeparam>
/// <param name="limit">How many keys one call takes.</param>
/// <param name="call">Makes a call. What its answer does not hold, AWS does not know.</param>
/// <param name="concernsOne">Whether a failure of a call may be due to one of its keys only.</param>
/// <param name="time">The clock of the patience.</param>
internal sealed class CoalescedReads<T>(
    int limit,
    Func<IReadOnlyList<string>, Task<CallResult<IReadOnlyDictionary<string, T>>>> call,
    Func<CallFailure, bool> concernsOne,
    TimeProvider time)
    where T : class
{
    /// <summary>How long whoever asks waits for a call that is under way before another begins beside it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Dictionary<string, TaskCompletionSource<CallResult<T?>>> _next = [];
    private bool _isHeldUp;

    /// <summary>Reads one key.</summary>
    /// <returns>What AWS holds; null without a failure where it knows no such key.</returns>
    public Task<CallResult<T?>> ReadAsync(string key)
    {
        lock (_lock)
        {
            if (!_next.TryGetValue(key, out var asked))
            {
                _next.Add(key, asked = NewAsked());
            }

            Begin();
            return asked.Task;
        }
    }

    /// <summary>Reads many keys at once, with as few calls as they take.</summary>
    public async Task<IReadOnlyDictionary<string, CallResult<T?>>> ReadAsync(IEnumerable<string> keys)
    {
        var asked = keys.Distinct().ToDictionary(key => key, _ => NewAsked());
        foreach (var batch in asked.Chunk(limit))
        {
            await ReadAsync(batch.ToDictionary());
        }

        var read = new Dictionary<string, CallResult<T?>>();
        foreach (var (key, answer) in asked)
        {
            read.Add(key, await answer.Task);
        }

        return read;
    }

    private static TaskCompletionSource<CallResult<T?>> NewAsked() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Begin()
    {
        if (!_isHeldUp && _next.Count > 0)
        {
            var batch = _next.Take(limit).ToDictionary();
            _next = _next.Skip(limit).ToDictionary();
            _isHeldUp = true;
            _ = RunAsync(batch);
        }
    }

    private async Task RunAsync(Dictionary<string, TaskCompletionSource<CallResult<T?>>> batch)
    {
        await Task.Yield();
        var reading = ReadAsync(batch);
        await reading.WaitAsync(Patience, time).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            _isHeldUp = false;
            Begin();
        }
    }

    private async Task ReadAsync(IReadOnlyDictionary<string, TaskCompletionSource<CallResult<T?>>> batch)
    {
        CallResult<IReadOnlyDictionary<string, T>> answer;
        try
        {
            answer = await call([.. batch.Keys]);
        }
        catch (Exception exception)
        {
            foreach (var asked in batch.Values)
            {
                asked.TrySetException(exception);
            }

            return;
        }

        if (answer.Failure is not { } failure)
        {
            foreach (var (key, asked) in batch)
            {
                asked.TrySetResult(new(answer.Value!.GetValueOrDefault(key), null));
            }
        }
        else if (batch.Count == 1 || !concernsOne(failure))
        {
            foreach (var asked in batch.Values)
            {
                asked.TrySetResult(new(null, failure));
            }
        }
        else if (failure.Kind == FailureKind.RepositoryNotFound && batch.Keys.FirstOrDefault(key => failure.Message.Contains($"'{key}'", StringComparison.Ordinal)) is { } unknown)
        {
            batch[unknown].TrySetResult(new(null, failure));
            await ReadAsync(batch.Where(asked => asked.Key != unknown).ToDictionary());
        }
        else
        {
            await Task.WhenAll(batch.Chunk((batch.Count + 1) / 2).Select(half => ReadAsync(half.ToDictionary())));
        }
    }
}

/// <summary>What a call came to.</summary>
/// <param name="Value">What it gave; null where it failed, or there is nothing.</param>
/// <param name="Failure">Why it failed; null where it did not.</param>
internal readonly record struct CallResult<T>(T? Value, CallFailure? Failure);
