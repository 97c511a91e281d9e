using System.Text.RegularExpressions;
using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Grains.Tests.Perturbation;

/// <summary>Counts the calls about one subject, and does to the n-th what is to be done to it.</summary>
/// <param name="fault">What.</param>
/// <param name="number">To which of its <see cref="Point"/>, from 0.</param>
/// <param name="past">What a read would have been answered before the last change; null where there is no telling.</param>
internal sealed partial class Disturbance(Fault fault, int number, Func<RecordedRequest, Answer?> past)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _crashed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<Point, List<string>> _seen = Enum.GetValues<Point>().ToDictionary(point => point, _ => new List<string>());
    private readonly HashSet<string> _unseen = [];
    private (RecordedRequest Request, Interference Interference)? _secondAttempt;
    private bool _armed;
    private bool _silent;

    /// <summary>What it was done to; null while it was not.</summary>
    public string? Injected { get; private set; }

    /// <summary>The write that was held back.</summary>
    public RecordedRequest? Held { get; private set; }

    /// <summary>Completes when the process counts as dead for this subject.</summary>
    public Task Crashed => _crashed.Task;

    /// <summary>Completes when a call meets the fault.</summary>
    public Task Met => _met.Task;

    /// <summary>The calls so far, in their order.</summary>
    public IReadOnlyList<string> Seen(Point point)
    {
        lock (_lock)
        {
            return [.. _seen[point]];
        }
    }

    /// <summary>Begins to count.</summary>
    public void Arm() => _armed = true;

    /// <summary>All calls are served from now on.</summary>
    public void End()
    {
        lock (_lock)
        {
            (_armed, _silent) = (false, false);
        }
    }

    /// <summary>Whether the client only tries again what has just failed for it.</summary>
    public bool IsSecondAttempt(RecordedRequest request)
    {
        lock (_lock)
        {
            return _secondAttempt?.Request == request;
        }
    }

    /// <summary>Decides what becomes of a request.</summary>
    public Interference? Judge(RecordedRequest request)
    {
        lock (_lock)
        {
            if (!_armed)
            {
                return null;
            }

            if (_silent)
            {
                return new() { DropBefore = true };
            }

            if (_secondAttempt is var (first, again) && first == request)
            {
                _secondAttempt = null;
                return again;
            }

            if (_unseen.Remove(request.Operation) && past(request) is { } before)
            {
                return new() { Instead = before };
            }

            var hit = false;
            foreach (var point in PointsOf(request))
            {
                hit |= Reach(point, $"{request.Operation} {request.Name}");
            }

            return hit ? Inject(request) : null;
        }
    }

    /// <summary>Whether a watch's word arrives.</summary>
    public bool LetsHear(string change)
    {
        lock (_lock)
        {
            return !_armed || _silent || !Reach(Point.Event, change);
        }
    }

    private bool Reach(Point point, string what)
    {
        var seen = _seen[point];
        seen.Add(what);
        if (fault == Fault.None || point != fault.Point() || seen.Count - 1 != number)
        {
            return false;
        }

        Injected = what;
        _met.TrySetResult();
        return true;
    }

    private Interference? Inject(RecordedRequest request)
    {
        switch (fault)
        {
            case Fault.CrashBefore:
                _silent = true;
                _crashed.TrySetResult();
                return new() { DropBefore = true };
            case Fault.CrashAfter:
                _silent = true;
                return new() { DropAfter = true, After = () => Task.Run(_crashed.TrySetResult) };
            case Fault.Failed:
                return WithSecondAttempt(request, IsAws(request) ? AwsFailures[number % AwsFailures.Length](request) : KubernetesFailures[number % KubernetesFailures.Length]);
            case Fault.Denied:
                return IsSts(request) ? Interference.StsError("AccessDenied") : IsAws(request) ? Interference.AwsError("AccessDeniedException") : Interference.KubernetesError(403, "Forbidden");
            case Fault.Lost:
                return WithSecondAttempt(request, new() { DropAfter = true });
            case Fault.LostOnce:
                return new() { DropAfter = true };
            case Fault.Unseen:
                _unseen.UnionWith(AwsTruth.Reads);
                return WithSecondAttempt(request, new() { DropAfter = true });
            case Fault.Stale:
                return past(request) is { } before ? new() { Instead = before } : null;
            case Fault.Late:
                Held = request;
                return new() { DropBefore = true };
            default:
                return null;
        }
    }

    // The AWS client tries once more by itself: what is to reach the control plane has to meet it twice.
    private Interference WithSecondAttempt(RecordedRequest request, Interference interference)
    {
        _secondAttempt = IsAws(request) ? (request, interference) : null;
        return interference;
    }

    private static readonly Func<RecordedRequest, Interference>[] AwsFailures =
    [
        static request => IsSts(request) ? Interference.StsError("Throttling", status: 400) : Interference.AwsError("ThrottlingException"),
        static request => IsSts(request) ? Interference.StsError("ServiceUnavailable", status: 503) : Interference.AwsError("ServerException", status: 500),
        static _ => new() { DropBefore = true },
    ];

    private static readonly Interference[] KubernetesFailures =
    [
        Interference.KubernetesError(500, "InternalError"),
        Interference.KubernetesError(409, "Conflict"),
        Interference.KubernetesError(429, "TooManyRequests"),
        Interference.KubernetesError(503, "ServiceUnavailable"),
        new() { DropBefore = true },
    ];

    private static IEnumerable<Point> PointsOf(RecordedRequest request)
    {
        yield return Point.Request;
        if (AwsTruth.Reads.Contains(request.Operation) || OwnReads().IsMatch(request.Operation))
        {
            yield return Point.Read;
        }
        else if (IsAws(request) && !IsSts(request) && request.IsWrite)
        {
            yield return Point.AwsWrite;
        }
        else if (OwnPatches().IsMatch(request.Operation))
        {
            yield return Point.KubernetesWrite;
        }
    }

    private static bool IsAws(RecordedRequest request) => !request.Operation.Contains(' ', StringComparison.Ordinal);

    private static bool IsSts(RecordedRequest request) => IsAws(request) && request.Name.Length == 0;

    [GeneratedRegex("^get (ecrrepositories|awsproviders)$")]
    private static partial Regex OwnReads();

    [GeneratedRegex("^patch (ecrrepositories|awsproviders)(/status)?$")]
    private static partial Regex OwnPatches();
}
