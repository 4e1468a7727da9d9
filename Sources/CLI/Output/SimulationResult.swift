import ClusterModel
import Simulator
import Specs

/// What `huddle simulate` shows: a run beside the same with nothing moved.
struct SimulationResult {
    let seed: UInt64
    let run: Run
    let still: Run

    // MARK: - For people

    func text(width: Int?, colour: Bool) -> String {
        var table = Table(.text("FIGURE"), .number("SIMULATED"), .number("NOTHING MOVED"))
        func row(_ name: String, _ figure: (Run) -> String) {
            table.add(.init(name), .init(figure(run)), .init(figure(still)))
        }
        row("host-hours") { Self.decimal($0.totals.hostHours) }
        row("  of which the bound") { Self.decimal($0.totals.boundHours) }
        row("  of which regret") { Self.decimal($0.regret) }
        row("energy, kWh") { Self.decimal($0.totals.kilowattHours, digits: 2) }
        for mode in MoveMode.allCases {
            row("moves, \(mode.rawValue)") { "\(Self.done($0).count { $0.mode == mode })" }
        }
        row("moves undone or failed") { run in "\(run.moves.count - Self.done(run).count)" }
        row("most moves of one instance a day") { run in
            "\(run.mostMoves(within: .seconds(86_400)) { _ in true })"
        }
        row("bytes moved") { HumanText.bytes(Self.bytes($0)) }
        row("longest interruption by a move") { Self.longest($0).notation }
        row("instance-minutes not running") { Self.decimal($0.totals.downMinutes) }
        row("host-minutes above the ceiling") { Self.decimal($0.totals.ceilingMinutes) }
        row("host-minutes above the hard limit") { Self.decimal($0.totals.hardMinutes) }
        row("throttled, of what was wanted") { run in
            let wanted = run.totals.wantedCoreHours
            let share = wanted > 0 ? run.totals.throttledCoreHours / wanted * 100 : 0
            return Self.decimal(share, digits: 3) + "%"
        }
        return table.text(width: width, colour: colour)
    }

    private static func done(_ run: Run) -> [Run.MoveEnd] {
        run.moves.filter { $0.outcome == .done }
    }

    private static func bytes(_ run: Run) -> Bytes { run.moves.reduce(.zero) { $0 + $1.bytes } }

    private static func longest(_ run: Run) -> Duration {
        run.moves.map(\.interruption).max() ?? .zero
    }

    /// A number with so many digits behind the point, the same on every machine.
    static func decimal(_ number: Double, digits: Int = 1) -> String {
        let factor = (0..<digits).reduce(Int64(1)) { factor, _ in factor * 10 }
        let whole = Int64((number * Double(factor)).rounded())
        let fraction = "\(whole.magnitude % UInt64(factor))"
        let zeros = String(repeating: "0", count: digits - fraction.count)
        return "\(whole < 0 ? "-" : "")\(whole.magnitude / UInt64(factor)).\(zeros)\(fraction)"
    }

    // MARK: - For programs

    var data: StructuredValue {
        [
            "seed": .unsigned(seed),
            "lengthSeconds": .integer(run.length.milliseconds / 1000),
            "simulated": Self.data(run), "nothingMoved": Self.data(still),
            "plansBegun": .integer(run.plansBegun), "plansDone": .integer(run.plansDone),
            "moves": .list(run.moves.map(Self.data)),
            "hosts": .list(run.hosts.map { .text($0.rawValue) }),
            "sampleSeconds": .integer(run.step.milliseconds / 1000),
            "samples": .list(run.samples.map(Self.data)),
            "warnings": .list(
                run.warnings.map { warning in
                    ["at": .text(HumanText.time(warning.at)), "message": .text(warning.message)]
                }),
        ]
    }

    private static func data(_ run: Run) -> StructuredValue {
        let totals = run.totals
        return [
            "hostSeconds": rounded(totals.hostHours * 3600),
            "boundSeconds": rounded(totals.boundHours * 3600),
            "regretSeconds": rounded(run.regret * 3600),
            "energyWattHours": rounded(totals.kilowattHours * 1000),
            "moves": .object(
                MoveMode.allCases.map { mode in
                    .init(
                        key: mode.rawValue, value: .integer(done(run).count { $0.mode == mode }))
                }),
            "movesUndone": .integer(run.moves.count - done(run).count),
            "mostMovesOfOneInstanceADay": .integer(
                run.mostMoves(within: .seconds(86_400)) { _ in true }),
            "bytesMoved": .unsigned(bytes(run).count),
            "longestInterruptionMilliseconds": .integer(longest(run).milliseconds),
            "instanceSecondsNotRunning": rounded(totals.downMinutes * 60),
            "hostSecondsAboveCeiling": rounded(totals.ceilingMinutes * 60),
            "hostSecondsAboveHardLimit": rounded(totals.hardMinutes * 60),
            "wantedCoreSeconds": rounded(totals.wantedCoreHours * 3600),
            "throttledCoreSeconds": rounded(totals.throttledCoreHours * 3600),
        ]
    }

    private static func rounded(_ number: Double) -> StructuredValue {
        .integer(Int64(number.rounded()))
    }

    private static func data(_ move: Run.MoveEnd) -> StructuredValue {
        let outcome: (String, String) =
            switch move.outcome {
            case .done: ("done", "")
            case .rolledBack(let reason): ("rolledBack", reason)
            case .failed(let reason): ("failed", reason)
            }
        return [
            "instance": .text("\(move.instance)"), "from": .text("\(move.source)"),
            "to": .text("\(move.target)"), "mode": .text(move.mode.rawValue),
            "beganSeconds": .integer(move.began.milliseconds / 1000),
            "endedSeconds": .integer(move.ended.milliseconds / 1000),
            "outcome": .text(outcome.0), "reason": .text(outcome.1),
            "bytes": .unsigned(move.bytes.count),
            "interruptionMilliseconds": .integer(move.interruption.milliseconds),
        ]
    }

    private static func data(_ sample: Run.Sample) -> StructuredValue {
        [
            "atSeconds": .integer(sample.at.milliseconds / 1000), "bound": .integer(sample.bound),
            "on": .integer(sample.hosts.count { $0.state == .on }),
            "loadPermille": .list(
                sample.hosts.map { host in
                    host.state == .on ? .integer(Int64(host.load.permille)) : .null
                }),
        ]
    }
}
