import CHuddleProto
package import ClusterModel

extension MoveReport: WireMessage, WireValue {
    init(raw: Huddle__V1__MoveReport) throws(InvalidValue) {
        self.init(
            move: try ID(raw.move, "move"), instance: try ID(raw.instance, "instance"),
            kind: try Workload.Kind(raw.kind, "kind"), mode: try MoveMode(raw.mode, "mode"),
            source: try ID(raw.source, "source"), target: try ID(raw.target, "target"),
            endedAt: try Instant(raw.ended_at, "endedAt"),
            total: try Duration(raw.total_milliseconds, "totalMilliseconds"),
            measure: try optional(raw.measure, "measure") ?? .nothing,
            forecast: try optional(raw.forecast, "forecast"))
    }

    func fill(_ raw: inout Huddle__V1__MoveReport, _ arena: inout Arena) {
        raw.move = arena.id(move)
        raw.instance = arena.id(instance)
        raw.kind = kind.wire
        raw.mode = mode.wire
        raw.source = arena.id(source)
        raw.target = arena.id(target)
        raw.ended_at = endedAt.wire
        raw.total_milliseconds = total.wire
        raw.measure = measure == .nothing ? nil : arena.message(measure)
        raw.forecast = arena.message(forecast)
    }
}

/// What the last moves of one workload came to, as it is kept.
package struct MoveReports: Hashable, Sendable {
    package let reports: [MoveReport]

    package init(reports: [MoveReport]) { self.reports = reports }
}

extension MoveReports: WireMessage, WireValue {
    init(raw: Huddle__V1__MoveReports) throws(InvalidValue) {
        self.init(reports: try messages(raw.reports, raw.n_reports, "reports"))
    }

    func fill(_ raw: inout Huddle__V1__MoveReports, _ arena: inout Arena) {
        (raw.n_reports, raw.reports) = arena.messages(reports)
    }
}

extension MoveLinks.Entry: WireMessage, WireValue {
    init(raw: Huddle__V1__MoveLink) throws(InvalidValue) {
        let isDated = raw.learnt_presence_case == HUDDLE__V1__MOVE_LINK__LEARNT_PRESENCE_LEARNT_AT
        self.init(
            way: MoveLinks.Way(
                source: try ID(raw.source, "source"), target: try ID(raw.target, "target"),
                kind: try Workload.Kind(raw.kind, "kind"), mode: try MoveMode(raw.mode, "mode")),
            link: MoveLink(
                bandwidth: BytesPerSecond(raw.bandwidth_bytes_per_second),
                setup: try Duration(raw.setup_milliseconds, "setupMilliseconds"),
                halt: try Duration(raw.halt_milliseconds, "haltMilliseconds"),
                moves: Int(raw.moves),
                learntAt: isDated ? try Instant(raw.learnt_at, "learntAt") : nil))
    }

    func fill(_ raw: inout Huddle__V1__MoveLink, _ arena: inout Arena) {
        raw.source = arena.id(way.source)
        raw.target = arena.id(way.target)
        raw.kind = way.kind.wire
        raw.mode = way.mode.wire
        raw.bandwidth_bytes_per_second = link.bandwidth.count
        raw.setup_milliseconds = link.setup.wire
        raw.halt_milliseconds = link.halt.wire
        raw.moves = UInt32(clamping: link.moves)
        if let learntAt = link.learntAt {
            raw.learnt_presence_case = HUDDLE__V1__MOVE_LINK__LEARNT_PRESENCE_LEARNT_AT
            raw.learnt_at = learntAt.wire
        }
    }
}
