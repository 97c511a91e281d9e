using InfraOperator.Abstractions;
using InfraOperator.Grains.Providers;
using InfraOperator.Grains.Status;
using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Grains.Tests.Providers;

public sealed class OptionalReadTests
{
    private const string Note = "ecr:Guess is not allowed, so nothing is guessed";
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);
    private static readonly DateTimeOffset Proven = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CallFailure Denied = new(FailureKind.AccessDenied, "Guess", "no");

    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _tried = [];
    private readonly OptionalRead _read;
    private ProviderFindings? _before;
    private CallFailure? _answer = Denied;

    public OptionalReadTests() => _read = new("Guess", "nothing is guessed", Pause, _time);

    [Fact]
    public async Task A_denial_is_told_until_the_read_is_allowed()
    {
        Assert.Null(await ReviewAsync());
        Assert.True(_read.Learn(Key("a"), "a", Denied));
        Assert.False(_read.Learn(Key("b"), "b", Denied));
        Assert.Equal(Note, await ReviewAsync());

        // One of two that is allowed says nothing of the other.
        Assert.False(_read.Learn(Key("a"), "a", null));
        Assert.True(_read.IsWorthAsking(Key("a")));
        Assert.False(_read.IsWorthAsking(Key("b")));
        Assert.Equal(Note, await ReviewAsync());

        Assert.True(_read.Learn(Key("b"), "b", null));
        Assert.Null(await ReviewAsync());
        Assert.Empty(_tried);
    }

    [Fact]
    public async Task Another_failure_says_nothing()
    {
        await ReviewAsync();
        Assert.False(_read.Learn(Key("a"), "a", new(FailureKind.Throttled, "Guess", "slower")));
        Assert.True(_read.IsWorthAsking(Key("a")));
        Assert.Null(await ReviewAsync());
    }

    [Fact]
    public async Task It_is_tried_again_for_one_after_the_other_with_a_pause_between()
    {
        await ReviewAsync();
        _read.Learn(Key("a"), "a", Denied);
        _read.Learn(Key("b"), "b", Denied);
        await ReviewAsync();
        Assert.Empty(_tried);
        foreach (var expected in (string[][])[["a"], ["a", "b"], ["a", "b", "a"]])
        {
            _time.Advance(Pause);
            Assert.Equal(Note, await ReviewAsync());
            await ReviewAsync();
            Assert.Equal(expected, _tried);
        }

        _time.Advance(Pause);
        _answer = new(FailureKind.Unavailable, "Guess", "no answer");
        Assert.Equal(Note, await ReviewAsync());
        _time.Advance(Pause);
        _answer = null;
        Assert.Null(await ReviewAsync());
        Assert.True(_read.IsWorthAsking(Key("a")) && _read.IsWorthAsking(Key("b")));
    }

    [Fact]
    public async Task Who_is_told_that_there_is_no_such_repository_was_allowed_to_ask()
    {
        await ReviewAsync();
        _read.Learn(Key("a"), "a", Denied);
        _answer = new(FailureKind.RepositoryNotFound, "Guess", "none");
        _time.Advance(Pause);
        Assert.Null(await ReviewAsync());
    }

    [Fact]
    public async Task A_fresh_proof_of_the_identity_does_not_wait_for_the_pause()
    {
        await ReviewAsync();
        _read.Learn(Key("a"), "a", Denied);
        Assert.Equal(Note, await ReviewAsync(Proven.AddMinutes(1)));
        Assert.Equal(["a"], _tried);
    }

    [Fact]
    public async Task Of_another_identity_nothing_is_known()
    {
        await ReviewAsync();
        _read.Learn(Key("a"), "a", Denied);
        Assert.Null(await ReviewAsync(Proven.AddMinutes(1), caller: "arn:aws:iam::000000000000:user/another"));
        Assert.True(_read.IsWorthAsking(Key("a")));
        Assert.Empty(_tried);
    }

    [Fact]
    public async Task A_repository_that_went_is_not_tried()
    {
        await ReviewAsync();
        _read.Learn(Key("a"), "a", Denied);
        _read.Release(Key("a"));
        _time.Advance(Pause);
        Assert.Equal(Note, await ReviewAsync());
        Assert.Empty(_tried);
    }

    [Fact]
    public async Task What_the_status_says_stands_until_something_is_learned()
    {
        Assert.Equal(Note, await ReviewAsync(told: $"acts as somebody; {Note}"));
        Assert.False(_read.Learn(Key("a"), "a", Denied));
        Assert.Equal(Note, await ReviewAsync(told: $"acts as somebody; {Note}"));
        Assert.True(_read.Learn(Key("a"), "a", null));
        Assert.Null(await ReviewAsync(told: $"acts as somebody; {Note}"));
    }

    [Fact]
    public async Task An_identity_that_is_not_proven_has_other_troubles()
    {
        await ReviewAsync();
        _read.Learn(Key("a"), "a", Denied);
        _time.Advance(Pause);
        var findings = new ProviderFindings(Reasons.CredentialsExpired, "expired");
        Assert.Same(findings, await _read.ReviewAsync(new(), _before, findings, TryAsync));
        Assert.Empty(_tried);
    }

    private async Task<string?> ReviewAsync(DateTimeOffset? proven = null, string caller = "arn:aws:iam::000000000000:user/one", string? told = null)
    {
        var findings = new ProviderFindings(Reasons.Available, "acts", CallerArn: caller, AuthenticatedAt: proven ?? Proven);
        _before = await _read.ReviewAsync(new() { Status = told is null ? null : new() { Conditions = [new() { Type = ConditionTypes.Ready, Message = told }] } }, _before, findings, TryAsync);
        return _before.Note;
    }

    private Task<CallFailure?> TryAsync(string name)
    {
        _tried.Add(name);
        return Task.FromResult(_answer);
    }

    private static ResourceKey Key(string name) => new("test", "default", name);
}
