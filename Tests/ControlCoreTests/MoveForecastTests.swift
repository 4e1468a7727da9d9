import ClusterModel
import Testing

/// What moves are expected to come to, against what they came to and against what must hold of any forecast.
@Suite struct MoveForecastTests {
    private static let megabyte: UInt64 = 1_000_000

    /// One row that was measured: guests under TCG, two QEMU 7.2 on one machine, over loopback.
    ///
    /// The memory in use is not in the rows: an idle guest sent 95 MB, and each of the others has its set besides.
    struct Row: Sendable {
        let memory: UInt64
        let rate: UInt64
        let set: UInt64
        /// MB a second.
        let bandwidth: UInt64
        let milliseconds: Int64
        let sent: UInt64
        /// How much longer ours tries for a shorter pass than QEMU by itself, where it does not come about.
        var tried: Int64 = 0
    }

    /// - Source: `anchors/performance.md`, C. The fourth had a cap above what the machine could send: 430 MB in 1.19 s.
    private static let rows = [
        Row(memory: 95, rate: 0, set: 0, bandwidth: 134, milliseconds: 700, sent: 95),
        Row(memory: 129, rate: 20, set: 64, bandwidth: 134, milliseconds: 1_020, sent: 149),
        Row(
            memory: 129, rate: 100, set: 64, bandwidth: 134, milliseconds: 1_930, sent: 278,
            tried: 500),
        Row(memory: 321, rate: 100, set: 256, bandwidth: 361, milliseconds: 1_190, sent: 430),
    ]

    private static func forecast(
        memory: UInt64, rate: UInt64, set: UInt64?, bandwidth: UInt64,
        downtime: Duration = .milliseconds(300), disks: UInt64 = 0, ceiling: UInt64? = nil
    ) -> MoveForecast {
        let load = MoveLoad(
            at: Instant(milliseconds: 0), memory: Bytes(memory), disks: Bytes(disks),
            changes: MoveLoad.Changes(rate: BytesPerSecond(rate), set: set.map { Bytes($0) }))
        let link = MoveLink(bandwidth: BytesPerSecond(bandwidth), setup: .zero, halt: .zero)
        return MoveForecast(
            .live, of: .vm, carrying: load, over: link, within: DowntimeLadder(downtime),
            ceiling: ceiling.map { BytesPerSecond($0) })
    }

    @Test(arguments: rows) func whatWasMeasuredIsForecast(_ row: Row) {
        let forecast = Self.forecast(
            memory: row.memory * Self.megabyte, rate: row.rate * Self.megabyte,
            set: row.set * Self.megabyte, bandwidth: row.bandwidth * Self.megabyte)
        #expect(forecast.endless == nil)
        let time =
            Double(forecast.duration.milliseconds) / Double(row.milliseconds + row.tried)
        #expect((0.75...1.25).contains(time), "\(forecast.duration) for \(row.milliseconds) ms")
        let rest = row.bandwidth * UInt64(row.tried) / 1_000
        let sent = Double(forecast.bytes.count) / Double((row.sent + rest) * Self.megabyte)
        #expect((0.75...1.25).contains(sent), "\(forecast.bytes) for \(row.sent) MB")
    }

    @Test func aWriterThatIsFasterThanTheLinkNeverEnds() throws {
        // 64 MiB written at 200 MB/s against a cap of 64 MiB/s: 55 passes and 2.9 GB in 45 s, and no end.
        let forecast = Self.forecast(
            memory: 129 * Self.megabyte, rate: 200 * Self.megabyte, set: 64 << 20,
            bandwidth: 64 << 20)
        let endless = try #require(forecast.endless)
        #expect(endless.sendable == Bytes(20_132_659))
        #expect(
            "\(endless)"
                == "a live move would not end: it changes 191 MiB/s of its memory and 64 MiB/s can be sent; "
                + "the 64 MiB that it changes again and again would have to fit into 19 MiB, 300 ms of sending"
        )
        // The passes would go on with all of the set.
        #expect(forecast.downtime == .seconds(1))
    }

    @Test func aSmallSetEndsHoweverFastItIsWritten() {
        let fits = Self.forecast(
            memory: 95 * Self.megabyte, rate: 1_000 * Self.megabyte, set: 10 * Self.megabyte,
            bandwidth: 67 * Self.megabyte)
        #expect(fits.endless == nil)
        #expect(fits.downtime == .microseconds(149_253))
        // An end of the set that nobody saw is none.
        let unknown = Self.forecast(
            memory: 95 * Self.megabyte, rate: 1_000 * Self.megabyte, set: nil,
            bandwidth: 67 * Self.megabyte)
        #expect(unknown.endless?.set == Bytes(95 * Self.megabyte))
    }

    /// While the first pass that is short enough is sent, and for as long as shorter ones are tried, what is left shrinks: from
    /// 300 ms of sending to a sixth of that. It was once forecast as all of the 300, or as next to nothing, by a hair.
    @Test(arguments: 32..<1_024) func whatIsTriedShrinks(megabytes: UInt64) {
        let forecast = Self.forecast(
            memory: megabytes * Self.megabyte, rate: 32 * Self.megabyte, set: nil,
            bandwidth: 64 * Self.megabyte)
        #expect(forecast.endless == nil)
        #expect(forecast.downtime <= .milliseconds(51))
    }

    @Test func aCeilingCountsAsBandwidth() {
        let free = Self.forecast(
            memory: 95 * Self.megabyte, rate: 50 * Self.megabyte, set: nil,
            bandwidth: 100 * Self.megabyte)
        let capped = Self.forecast(
            memory: 95 * Self.megabyte, rate: 50 * Self.megabyte, set: nil,
            bandwidth: 100 * Self.megabyte, ceiling: 40 * Self.megabyte)
        #expect(free.endless == nil)
        #expect(capped.endless != nil)
        #expect(capped.bandwidth == BytesPerSecond(40 * Self.megabyte))
    }

    @Test func whatStandsStillMeanwhileIsSentOnce() {
        let load = MoveLoad(
            at: Instant(milliseconds: 0), memory: Bytes(512 * Self.megabyte),
            disks: Bytes(88 * Self.megabyte))
        let link = MoveLink(
            bandwidth: BytesPerSecond(100 * Self.megabyte), setup: .milliseconds(300),
            halt: .milliseconds(800))
        func forecast(_ mode: MoveMode, _ kind: Workload.Kind) -> MoveForecast {
            MoveForecast(mode, of: kind, carrying: load, over: link, within: DowntimeLadder(.zero))
        }
        let live = forecast(.live, .container)
        #expect(live.bytes == Bytes(600 * Self.megabyte))
        #expect(live.downtime == .milliseconds(6_800))
        #expect(live.duration == .milliseconds(7_100))
        let restart = forecast(.restart, .vm)
        #expect(restart.bytes == load.disks)
        #expect(restart.downtime == .milliseconds(1_680))
        #expect(forecast(.relocate, .container).downtime == link.halt)
    }

    @Test(arguments: 0..<200) func forecastsAreOrdered(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func any(_ range: ClosedRange<UInt64>) -> UInt64 {
            UInt64.random(in: range, using: &random)
        }
        for _ in 0..<50 {
            let memory = any(1...(1 << 40))
            let bandwidth = any(1_000...(1 << 34))
            let rate = any(0...(bandwidth * 2))
            let set: UInt64? = any(0...3) == 0 ? nil : any(0...memory)
            let downtime = Duration.milliseconds(Int64(any(0...2_000)))
            func at(_ bandwidth: UInt64, _ rate: UInt64, _ memory: UInt64) -> MoveForecast {
                Self.forecast(
                    memory: memory, rate: rate, set: set, bandwidth: bandwidth, downtime: downtime)
            }
            let plain = at(bandwidth, rate, memory)
            let faster = at(bandwidth + bandwidth / any(1...20), rate, memory)
            let busier = at(bandwidth, rate + rate / any(1...20) + 1, memory)
            // Each pass is rounded to a microsecond.
            let slack = Duration.milliseconds(1 + Int64(plain.rounds) / 500)
            #expect(plain.bytes >= Bytes(memory))
            #expect(
                plain.duration + slack >= .sending(plain.bytes, at: BytesPerSecond(bandwidth)))
            if plain.endless == nil {
                #expect(faster.endless == nil || plain.duration > .seconds(1_800))
                if faster.endless == nil { #expect(faster.duration <= plain.duration + slack) }
                #expect(plain.downtime <= downtime + slack)
            } else {
                #expect(busier.endless != nil)
            }
            if plain.endless == nil, busier.endless == nil {
                #expect(busier.duration + slack >= plain.duration)
                #expect(busier.bytes.count + bandwidth / 100 >= plain.bytes.count)
            }
        }
    }

    @Test func twoWindowsTellTheSet() {
        let second = Duration.seconds(1)
        func changes(_ short: UInt64, _ long: UInt64) -> MoveLoad.Changes {
            MoveLoad.Changes(short: BytesPerSecond(short), long: (BytesPerSecond(long), second))
        }
        #expect(changes(200, 64) == .init(rate: BytesPerSecond(200), set: Bytes(64)))
        #expect(changes(100, 95) == .init(rate: BytesPerSecond(100)))
        // A burst that the short window missed.
        #expect(changes(0, 50) == .init(rate: BytesPerSecond(50)))
        #expect(changes(0, 0) == .init(rate: .zero))
    }

    @Test func aLinkLearns() {
        let assumed = MoveLink.assumed(.live, of: .vm)
        let first = assumed.learning(Self.report(bytes: 100, at: 50, total: 3_000, downtime: 25))
        // Half way from the 117 MB/s that are assumed to the 50 that it had.
        #expect(first.bandwidth == BytesPerSecond(83_500_000))
        #expect(first.halt == .milliseconds(14), "5 of the 25 ms were sending, and 10 are assumed")
        #expect(first.setup == .milliseconds(990))
        #expect(first.moves == 1)
        #expect(first.learntAt == Instant(milliseconds: 0))
        // A later one counts for a third.
        let second = first.learning(Self.report(bytes: 100, at: 50, total: 3_000, downtime: 25))
        #expect(second.bandwidth == BytesPerSecond(72_344_500))
        #expect(second.halt == .milliseconds(16), "14 twice and 20 once")
        // One odd move does not make it what is usual, and one without any standing still does not either.
        let odd = second.learning(Self.report(bytes: 100, at: 50, total: 3_000, downtime: 405))
        #expect(odd.halt == .milliseconds(32), "128 count, eight times as many")
        let none = second.learning(Self.report(bytes: 100, at: 50, total: 3_000, downtime: 0))
        #expect(none.halt == .milliseconds(8), "2 count, an eighth")
        // What was not measured changes nothing.
        let silent = first.learning(Self.report(bytes: nil, at: nil, total: 1_000, downtime: nil))
        #expect(silent.bandwidth == first.bandwidth)
        #expect(silent.halt == first.halt)
        // A guest that first gave up memory for two seconds says the same of the way.
        let ballooned = assumed.learning(
            Self.report(
                bytes: 100, at: 50, total: 5_000, downtime: 25, ballooning: .seconds(2)))
        #expect(ballooned == first)
    }

    /// What a ceiling allowed says what its measure is worth, whatever was forecast and whatever the ceiling is now.
    @Test func aCappedMoveSaysOnlyHowFastTheWayIsAtLeast() {
        let fast = MoveLink.assumed(.live, of: .vm)
            .learning(Self.report(bytes: 100, at: 500, total: 3_000, downtime: 25))
        func after(_ bandwidth: UInt64, allowed: UInt64?) -> MoveLink {
            fast.learning(
                Self.report(
                    bytes: 100, at: bandwidth, total: 13_000, downtime: 25, allowed: allowed))
        }
        let capped = after(10, allowed: 10)
        #expect(capped.bandwidth == fast.bandwidth)
        // Ten of the thirteen seconds were sending.
        #expect(capped.setup < .seconds(3))
        // Nothing shared the ceiling with it.
        #expect(after(20, allowed: 10).bandwidth == fast.bandwidth)
        // A ceiling above what the way can do bounds nothing, and none says nothing.
        #expect(after(10, allowed: 100).bandwidth < fast.bandwidth)
        #expect(after(10, allowed: nil).bandwidth < fast.bandwidth)
        // It came to more than was counted on, ceiling or not.
        #expect(after(900, allowed: 900).bandwidth > fast.bandwidth)
    }

    /// One bad move refuses nothing for ever.
    @Test func whatWasLearntIsForgotten() {
        let assumed = MoveLink.assumed(.live, of: .vm)
        let begin = Instant(milliseconds: 0)
        let bad = assumed.learning(Self.report(bytes: 9, at: 3, total: 9_000, downtime: 900))
        func after(_ lives: Double) -> MoveLink {
            bad.aged(at: begin.advanced(by: MoveLink.halfLife * lives), toward: assumed)
        }
        #expect(after(0) == bad)
        #expect(after(-1) == bad)
        let gap = assumed.bandwidth.count - bad.bandwidth.count
        #expect(after(1).bandwidth.count == bad.bandwidth.count + gap / 2)
        #expect(after(2).bandwidth.count == bad.bandwidth.count + gap / 4 * 3)
        for link in [after(10), after(1_000_000)] {
            #expect(link.bandwidth == assumed.bandwidth)
            #expect(link.setup == assumed.setup && link.halt == assumed.halt)
        }
        // Nobody knows how old it is.
        let undated = MoveLink(
            bandwidth: bad.bandwidth, setup: bad.setup, halt: bad.halt, moves: 1)
        #expect(undated.aged(at: begin, toward: assumed).bandwidth == assumed.bandwidth)
    }

    @Test(arguments: 0..<200) func learningAndForgettingStayBetween(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let assumed = MoveLink.assumed(.live, of: .vm)
        var link = assumed
        var now = Instant(milliseconds: 0)
        var (slowest, fastest) = (assumed.bandwidth, assumed.bandwidth)
        for _ in 0..<20 {
            now = now.advanced(by: .seconds(Int64.random(in: 0...200_000, using: &random)))
            let rate = UInt64.random(in: 1...2_000, using: &random)
            (slowest, fastest) = (
                min(slowest, BytesPerSecond(rate * Self.megabyte)),
                max(fastest, BytesPerSecond(rate * Self.megabyte))
            )
            link = link.aged(at: now, toward: assumed).learning(
                Self.report(bytes: 100, at: rate, total: 3_000, downtime: 25, endedAt: now))
            #expect((slowest...fastest).contains(link.bandwidth))
            // The older it is, the nearer to what is assumed.
            var distance = Self.distance(link, assumed)
            for hours in stride(from: 0, through: 300, by: 7) {
                let aged = link.aged(
                    at: now.advanced(by: .seconds(Int64(hours) * 3_600)), toward: assumed)
                #expect(Self.distance(aged, assumed) <= distance)
                distance = Self.distance(aged, assumed)
            }
            #expect(distance == 0)
        }
    }

    private static func distance(_ one: MoveLink, _ other: MoveLink) -> UInt64 {
        let rates = [one.bandwidth.count, other.bandwidth.count].sorted()
        return rates[1] - rates[0]
    }

    private static func report(
        bytes: UInt64?, at bandwidth: UInt64?, total: Int64, downtime: Int64?,
        allowed: UInt64? = nil, ballooning: Duration? = nil,
        endedAt: Instant = Instant(milliseconds: 0)
    ) -> MoveReport {
        MoveReport(
            move: MoveID("m-1"), instance: InstanceID("db-0"), kind: .vm, mode: .live,
            source: HostID("a"), target: HostID("b"), endedAt: endedAt,
            total: .milliseconds(total),
            measure: MoveMeasure(
                bytes: bytes.map { Bytes($0 * megabyte) },
                bandwidth: bandwidth.map { BytesPerSecond($0 * megabyte) },
                downtime: downtime.map { .milliseconds($0) },
                allowed: allowed.map { BytesPerSecond($0 * megabyte) },
                ballooned: ballooning.map {
                    MoveMeasure.Ballooned(bytes: .mebibytes(400), duration: $0)
                }))
    }
}
