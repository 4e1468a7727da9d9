import ClusterModel
import Wire

extension Sampler {
    /// To the microsecond, as moves are told.
    mutating func moment() -> Duration { .microseconds(Int64(number() >> 3)) }

    mutating func rate() -> BytesPerSecond { BytesPerSecond(number()) }

    mutating func moveLoad() -> MoveLoad {
        MoveLoad(
            at: instant(), memory: Bytes(number()), disks: Bytes(number()),
            changes: maybe {
                MoveLoad.Changes(rate: $0.rate(), set: $0.maybe { Bytes($0.number()) })
            })
    }

    mutating func endless() -> MoveForecast.Endless {
        MoveForecast.Endless(
            changes: rate(), set: Bytes(number()), bandwidth: rate(), downtime: duration())
    }

    mutating func moveForecast() -> MoveForecast {
        MoveForecast(
            mode: one(), bytes: Bytes(number()), duration: moment(), downtime: moment(),
            rounds: count(), bandwidth: rate(), endless: maybe { $0.endless() },
            recourse: maybe { $0.recourse() })
    }

    private mutating func recourse() -> MoveForecast.Recourse {
        switch below(3) {
        case 0: .longer(duration(), since: endless())
        case 1: .postcopy(since: endless())
        default: .restart(since: endless())
        }
    }

    mutating func plannedForecast() -> PlannedForecast {
        PlannedForecast(step: Step.StepID(count()), forecast: moveForecast())
    }

    mutating func moveMeasure() -> MoveMeasure {
        MoveMeasure(
            bytes: maybe { Bytes($0.number()) }, ahead: maybe { Bytes($0.number()) },
            bandwidth: maybe { $0.rate() },
            downtime: maybe { $0.moment() }, allowed: maybe { $0.rate() },
            ballooned: maybe {
                MoveMeasure.Ballooned(bytes: Bytes($0.number()), duration: $0.moment())
            }, streams: maybe { 1 + $0.below(9) }, compression: one(), isPartial: flag(),
            isLost: flag())
    }

    mutating func moveReport() -> MoveReport {
        MoveReport(
            move: id(), instance: id(), kind: one(), mode: one(), source: id(), target: id(),
            endedAt: instant(), total: duration(), measure: moveMeasure(),
            forecast: maybe { $0.moveForecast() })
    }

    mutating func moveLink() -> MoveLinks.Entry {
        MoveLinks.Entry(
            way: MoveLinks.Way(source: id(), target: id(), kind: one(), mode: one()),
            link: MoveLink(
                bandwidth: rate(), setup: duration(), halt: duration(), moves: count(),
                learntAt: maybe { $0.instant() }))
    }
}

extension Subject {
    static let moves = [
        Subject("MoveLoad") { $0.moveLoad() }, Subject("EndlessMove") { $0.endless() },
        Subject("MoveForecast") { $0.moveForecast() },
        Subject("PlannedForecast") { $0.plannedForecast() },
        Subject("MoveMeasure") { $0.moveMeasure() }, Subject("MoveReport") { $0.moveReport() },
        Subject("MoveReports") { MoveReports(reports: $0.list { $0.moveReport() }) },
        Subject("MoveLink") { $0.moveLink() },
    ]
}

extension Sampler {
    mutating func checkpointVerdict() -> CheckpointVerdict {
        CheckpointVerdict(one(), reason: text())
    }

    mutating func checkpointRefusal() -> CheckpointRefusal {
        CheckpointRefusal(
            program: CheckpointedProgram(image: text(), mark: number()),
            software: CheckpointSoftware(tool: text(), runtime: text(), kernel: text()),
            verdict: checkpointVerdict(), until: instant())
    }
}
