import ClusterModel
import Specs
import Testing

@Suite struct PolicyTextTests {
    @Test("the settings of the demo")
    func demo() throws {
        let policy = try PolicyText.apply(
            [
                "mode=auto", "ceiling.cpu=95%", "reserve=0", "hot.cpu=97%", "hot.hold=2min",
                "demand=p95/10m+10%", "gain=1d", "window=always", "moves.host=3",
                "moves.domain=2 per rack", "moves.bandwidth=100MB/s",
                "moves.compression=zstd", "moves.streams=4",
            ], to: .standard)
        var expected = Policy.standard
        expected.mode = .auto
        expected.ceilingCPU = .percent(95)
        expected.reserve = .hosts(0)
        expected.hotCPU = .percent(97)
        expected.movesPerHost = 3
        expected.movesPerDomain = Policy.DomainBudget(moves: 2, label: "rack")
        expected.movesBandwidth = BytesPerSecond(100_000_000)
        expected.movesCompression = .zstd
        expected.movesStreams = 4
        #expect(policy == expected)
        #expect(try PolicyText.apply(["moves.bandwidth=none"], to: policy).movesBandwidth == nil)
    }

    @Test(
        "demand",
        arguments: [
            ("reserved", DemandRule.reserved),
            (
                "p95/10m + 10%",
                .percentile(rank: .percent(95), window: .seconds(600), margin: .percent(10))
            ),
            (
                "p99.9/1h",
                .percentile(rank: Share(permille: 999), window: .seconds(3600), margin: .none)
            ),
            (
                "joint 1% / 24h + 10%",
                .joint(
                    JointRule(
                        chance: .percent(1), window: .seconds(86_400), margin: .percent(10)))
            ),
            ("joint0%/5m", .joint(JointRule(chance: .none, window: .seconds(300)))),
        ])
    func demand(text: String, rule: DemandRule) throws {
        #expect(try DemandRule(notation: text) == rule)
        #expect(try DemandRule(notation: rule.notation) == rule)
    }

    @Test(
        "the reserve",
        arguments: [
            ("0", Policy.Reserve.hosts(0)), ("1 host", .hosts(1)), ("2 hosts", .hosts(2)),
            ("3", .hosts(3)),
            ("standard", .standard),
        ])
    func reserve(text: String, reserve: Policy.Reserve) throws {
        #expect(try Policy.Reserve(notation: text) == reserve)
        #expect(try Policy.Reserve(notation: reserve.notation) == reserve)
    }

    @Test(
        "mistakes name the key and the remedy",
        arguments: [
            (
                "celing.cpu=95%", "celing.cpu", "unknown policy key 'celing.cpu'",
                "did you mean 'ceiling.cpu'?"
            ),
            (
                "ceiling.cpu=95", "ceiling.cpu", "'95' is not a percentage",
                "write a percentage, such as 95%"
            ),
            ("ceiling.cpu", "ceiling.cpu", "has no value", "write ceiling.cpu=80%"),
            ("mode=suggets", "mode", "'suggets' is no mode", "did you mean 'suggest'?"),
            (
                "reserve=many", "reserve", "'many' is no number of hosts",
                "write 0, 1 host, or standard (1 host from three hosts on)"
            ),
            (
                "demand=p0/10m", "demand", "'p0/10m' names no part of a window",
                "write reserved, p95/10m+10% (percentile, window, margin) "
                    + "or joint 1%/24h+10% (chance, window, margin)"
            ),
            (
                "moves.domain=two racks", "moves.domain",
                "'two racks' is no number of moves per label", "write 2 per rack, or any"
            ),
            ("moves.host=0", "moves.host", "'0' is not a number from 1 to 10000", nil),
            (
                "window=night", "window", "'night' is no day of the week",
                "write days and hours in UTC, such as mon-fri 22:00-06:00, or always, or never"
            ),
            (
                "window=mon-fry 22:00-06:00", "window", "'fry' is no day of the week",
                "did you mean 'fri'?"
            ),
            (
                "window=mon-fri", "window", "'mon-fri' has no hours",
                "write mon-fri 00:00-24:00"
            ),
            (
                "window=08:00-08:00", "window",
                "'08:00-08:00': hours begin and end at the same minute",
                "a whole day is 00:00-24:00"
            ),
            (
                "window=sat 8-10:00", "window", "'8-10:00' is no span of hours",
                "write days and hours in UTC, such as mon-fri 22:00-06:00, or always, or never"
            ),
            (
                "window=24:00-25:00", "window", "'24:00-25:00' is no span of hours",
                "write days and hours in UTC, such as mon-fri 22:00-06:00, or always, or never"
            ),
            ("hot.hold=2", "hot.hold", "'2' has no unit", "write 2s, or one of: ms, s, m, h, d"),
            ("hot.cpu=10%", "hot.cpu", "is below ceiling.cpu: packing would make hosts hot", nil),
        ] as [(String, String, String, String?)])
    func mistakes(setting: String, field: String, problem: String, suggestion: String?) {
        let expected = PolicyFailure(problems: [
            InvalidValue(field, problem, suggestion: suggestion)
        ])
        #expect(throws: expected) { try PolicyText.apply([setting], to: .standard) }
    }

    @Test("all mistakes come together")
    func together() {
        do {
            _ = try PolicyText.apply(["a=b", "mode=x", "rest=1h"], to: .standard)
            Issue.record("accepted")
        } catch {
            #expect(error.problems.map(\.field) == ["a", "mode"])
        }
    }

    @Test(
        "windows",
        arguments: [
            ("always", "always"), ("never", "never"), ("00:00-24:00", "always"),
            ("mon-sun 00:00-24:00", "always"), ("22:00-06:00", "22:00-06:00"),
            ("mon-fri 22:00-06:00", "mon-fri 22:00-06:00"),
            (
                "Mon-Fri 22:00-6:00; sat,sun 00:00-24:00",
                "mon-fri 22:00-06:00, sat,sun 00:00-24:00"
            ),
            ("sun,mon,tue 1:30-24:00,", "mon,tue,sun 01:30-24:00"),
            ("sat-mon,wednesday 12:00-13:00", "mon,wed,sat,sun 12:00-13:00"),
        ])
    func windows(text: String, notation: String) throws {
        let window = try Window(notation: text)
        #expect(window.notation == notation)
        #expect(try Window(notation: notation) == window)
    }

    /// The epoch began on a Thursday.
    @Test(
        "when a window is open",
        arguments: [
            ("always", 3, "00:00", true), ("never", 3, "00:00", false),
            ("thu 08:00-10:00", 0, "07:59", false), ("thu 08:00-10:00", 0, "08:00", true),
            ("thu 08:00-10:00", 0, "09:59", true), ("thu 08:00-10:00", 0, "10:00", false),
            ("thu 08:00-10:00", 1, "09:00", false), ("thu 08:00-10:00", 7, "09:00", true),
            ("thu 08:00-10:00", -7, "09:00", true), ("mon-fri 22:00-06:00", 1, "23:00", true),
            ("mon-fri 22:00-06:00", 2, "05:59", true), ("mon-fri 22:00-06:00", 2, "06:00", false),
            ("mon-fri 22:00-06:00", 2, "22:00", false), ("mon-fri 22:00-06:00", 4, "05:00", false),
            ("mon-fri 22:00-06:00", 4, "22:00", true), ("sun 22:00-06:00", 4, "00:00", true),
            ("fri 20:00-24:00", 1, "23:59", true), ("fri 20:00-24:00", 2, "00:00", false),
            ("tue 00:00-24:00, sat 12:00-13:00", 2, "12:30", true),
        ])
    func open(text: String, day: Int64, clock: String, isOpen: Bool) throws {
        let parts = clock.split(separator: ":").compactMap { Int64($0) }
        let minutes = day * 1_440 + parts[0] * 60 + parts[1]
        let now = Instant(milliseconds: minutes * 60_000)
        #expect(try Window(notation: text).isOpen(at: now) == isOpen)
    }

    @Test("every setting reads back", arguments: UInt64(0)..<200)
    func roundTrip(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        func share(_ range: ClosedRange<UInt32>) -> Share {
            Share(permille: UInt32.random(in: range, using: &random))
        }
        func duration() -> Duration {
            .milliseconds(Int64.random(in: 1...1_000_000_000, using: &random))
        }
        let policy = Policy(
            mode: Policy.Mode.allCases.randomElement(using: &random) ?? .off,
            demand: Bool.random(using: &random)
                ? .reserved
                : .percentile(rank: share(1...1000), window: duration(), margin: share(0...5000)),
            ceilingCPU: share(500...800), ceilingMemory: share(1...1000), hotCPU: share(800...1000),
            hotHold: duration(), coldCPU: share(0...499), coldHold: duration(),
            reserve: Bool.random(using: &random)
                ? .standard : .hosts(Int.random(in: 0...9, using: &random)),
            rest: duration(), movesPerHost: Int.random(in: 1...99, using: &random),
            movesPerCluster: Int.random(in: 1...99, using: &random),
            movesPerDomain: Bool.random(using: &random)
                ? nil
                : Policy.DomainBudget(moves: Int.random(in: 1...99, using: &random), label: "zone"),
            movesPerInstance: Int.random(in: 1...99, using: &random), payback: duration(),
            window: Window(
                try (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    let days = Window.Weekday.allCases.filter { _ in
                        Bool.random(using: &random)
                    }
                    return try Window.Entry(
                        days: days.isEmpty ? [.sunday] : days,
                        from: Int.random(in: 0...700, using: &random),
                        to: Int.random(in: 701...1_440, using: &random))
                }), guardian: Policy.Guardian.allCases.randomElement(using: &random) ?? .auto,
            guardWindow: .seconds(Int.random(in: 10...1_200, using: &random)),
            guardMemory: duration(),
            preempt: Policy.Preemption.allCases.randomElement(using: &random) ?? .off)
        let settings = PolicyText.settings(of: policy).map { "\($0.key.rawValue)=\($0.value)" }
        #expect(try PolicyText.apply(settings, to: .standard) == policy, "seed \(seed)")
    }
}
