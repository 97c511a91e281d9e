using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Sandbox;

/// <summary>Keeps the silo's last log lines, for <c>kubectl logs</c>.</summary>
internal sealed class RecentLog : ILoggerProvider
{
    private const int Kept = 10_000;

    private readonly ConcurrentQueue<string> _lines = new();

    /// <summary>The last lines, oldest first.</summary>
    /// <param name="count">How many at most; null: all that are kept.</param>
    public IEnumerable<string> Tail(int? count) => count is { } most ? _lines.TakeLast(most) : _lines;

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    /// <inheritdoc/>
    public void Dispose() => _lines.Clear();

    private void Add(string line)
    {
        _lines.Enqueue(line);
        while (_lines.Count > Kept)
        {
            _lines.TryDequeue(out _);
        }
    }

    private sealed class Logger(RecentLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var time = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
            var text = exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception}";
            log.Add($"{time} {logLevel.ToString().ToLowerInvariant()}: {category} {text.ReplaceLineEndings(" ")}");
        }
    }
}
