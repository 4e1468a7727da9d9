import CHuddleProto
package import ClusterModel

extension MoveLoad: WireMessage, WireValue {
    init(raw: Huddle__V1__MoveLoad) throws(InvalidValue) {
        let hasChanges =
            raw.changes_presence_case
            == HUDDLE__V1__MOVE_LOAD__CHANGES_PRESENCE_CHANGED_BYTES_PER_SECOND
        let hasSet = raw.set_presence_case == HUDDLE__V1__MOVE_LOAD__SET_PRESENCE_SET_BYTES
        self.init(
            at: try Instant(raw.at, "at"), memory: Bytes(raw.memory_bytes),
            disks: Bytes(raw.disk_bytes),
            changes: hasChanges
                ? Changes(
                    rate: BytesPerSecond(raw.changed_bytes_per_second),
                    set: hasSet ? Bytes(raw.set_bytes) : nil) : nil)
    }

    func fill(_ raw: inout Huddle__V1__MoveLoad, _ arena: inout Arena) {
        raw.at = at.wire
        raw.memory_bytes = memory.count
        raw.disk_bytes = disks.count
        guard let changes else { return }
        raw.changes_presence_case =
            HUDDLE__V1__MOVE_LOAD__CHANGES_PRESENCE_CHANGED_BYTES_PER_SECOND
        raw.changed_bytes_per_second = changes.rate.count
        guard let set = changes.set else { return }
        raw.set_presence_case = HUDDLE__V1__MOVE_LOAD__SET_PRESENCE_SET_BYTES
        raw.set_bytes = set.count
    }
}

extension MoveForecast.Endless: WireMessage, WireValue {
    init(raw: Huddle__V1__EndlessMove) throws(InvalidValue) {
        self.init(
            changes: BytesPerSecond(raw.changed_bytes_per_second), set: Bytes(raw.set_bytes),
            bandwidth: BytesPerSecond(raw.bandwidth_bytes_per_second),
            downtime: try Duration(raw.downtime_milliseconds, "downtimeMilliseconds"))
    }

    func fill(_ raw: inout Huddle__V1__EndlessMove, _ arena: inout Arena) {
        raw.changed_bytes_per_second = changes.count
        raw.set_bytes = set.count
        raw.bandwidth_bytes_per_second = bandwidth.count
        raw.downtime_milliseconds = downtime.wire
    }
}

extension MoveForecast: WireMessage, WireValue {
    init(raw: Huddle__V1__MoveForecast) throws(InvalidValue) {
        self.init(
            mode: try MoveMode(raw.mode, "mode"), bytes: Bytes(raw.bytes),
            duration: try Duration(micros: raw.duration_microseconds, "durationMicroseconds"),
            downtime: try Duration(micros: raw.downtime_microseconds, "downtimeMicroseconds"),
            rounds: Int(raw.rounds), bandwidth: BytesPerSecond(raw.bandwidth_bytes_per_second),
            endless: try optional(raw.endless, "endless"), recourse: try Self.recourse(raw))
    }

    private static func recourse(
        _ raw: Huddle__V1__MoveForecast
    ) throws(InvalidValue) -> Recourse? {
        guard let since: Endless = try optional(raw.since, "since") else { return nil }
        let isLonger =
            raw.longer_presence_case
            == HUDDLE__V1__MOVE_FORECAST__LONGER_PRESENCE_LONGER_MILLISECONDS
        if raw.postcopy != 0 { return .postcopy(since: since) }
        return isLonger
            ? .longer(try Duration(raw.longer_milliseconds, "longerMilliseconds"), since: since)
            : .restart(since: since)
    }

    func fill(_ raw: inout Huddle__V1__MoveForecast, _ arena: inout Arena) {
        raw.mode = mode.wire
        raw.bytes = bytes.count
        raw.duration_microseconds = duration.micros
        raw.downtime_microseconds = downtime.micros
        raw.rounds = UInt32(clamping: rounds)
        raw.bandwidth_bytes_per_second = bandwidth.count
        raw.endless = arena.message(endless)
        raw.since = arena.message(recourse?.since)
        if case .longer(let rung, _) = recourse {
            raw.longer_presence_case =
                HUDDLE__V1__MOVE_FORECAST__LONGER_PRESENCE_LONGER_MILLISECONDS
            raw.longer_milliseconds = rung.wire
        }
        if case .postcopy = recourse { raw.postcopy = 1 }
    }
}

extension PlannedForecast: WireMessage, WireValue {
    init(raw: Huddle__V1__PlannedForecast) throws(InvalidValue) {
        self.init(
            step: Step.StepID(Int(raw.step)), forecast: try required(raw.forecast, "forecast"))
    }

    func fill(_ raw: inout Huddle__V1__PlannedForecast, _ arena: inout Arena) {
        raw.step = UInt32(clamping: step.number)
        raw.forecast = arena.message(forecast)
    }
}

extension Duration {
    /// Half of what 64 bits hold, so that sums of a few stay in range.
    fileprivate init(micros: UInt64, _ field: String) throws(InvalidValue) {
        guard micros < 1 << 62 else { throw InvalidValue(field, "is too long") }
        self = .microseconds(Int64(micros))
    }

    fileprivate var micros: UInt64 {
        let (seconds, attoseconds) = components
        // What is longer than can be read is the longest that can.
        guard seconds < 1 << 42 else { return (1 << 62) - 1 }
        guard seconds >= 0 else { return 0 }
        return UInt64(seconds) * 1_000_000 + UInt64(max(0, attoseconds) / 1_000_000_000_000)
    }
}

extension MoveMeasure: WireMessage, WireValue {
    init(raw: Huddle__V1__MoveMeasure) throws(InvalidValue) {
        let hasBytes = raw.bytes_presence_case == HUDDLE__V1__MOVE_MEASURE__BYTES_PRESENCE_BYTES
        let hasBandwidth =
            raw.bandwidth_presence_case
            == HUDDLE__V1__MOVE_MEASURE__BANDWIDTH_PRESENCE_BANDWIDTH_BYTES_PER_SECOND
        let hasDowntime =
            raw.downtime_presence_case
            == HUDDLE__V1__MOVE_MEASURE__DOWNTIME_PRESENCE_DOWNTIME_MICROSECONDS
        let isLimited =
            raw.allowed_presence_case
            == HUDDLE__V1__MOVE_MEASURE__ALLOWED_PRESENCE_ALLOWED_BYTES_PER_SECOND
        let hasBallooned =
            raw.ballooned_presence_case
            == HUDDLE__V1__MOVE_MEASURE__BALLOONED_PRESENCE_BALLOONED_BYTES
        let hasAhead =
            raw.ahead_presence_case
            == HUDDLE__V1__MOVE_MEASURE__AHEAD_PRESENCE_AHEAD_BYTES
        self.init(
            bytes: hasBytes ? Bytes(raw.bytes) : nil,
            ahead: hasAhead ? Bytes(raw.ahead_bytes) : nil,
            bandwidth: hasBandwidth ? BytesPerSecond(raw.bandwidth_bytes_per_second) : nil,
            downtime: hasDowntime
                ? try Duration(micros: raw.downtime_microseconds, "downtimeMicroseconds") : nil,
            allowed: isLimited ? BytesPerSecond(raw.allowed_bytes_per_second) : nil,
            ballooned: hasBallooned
                ? Ballooned(
                    bytes: Bytes(raw.ballooned_bytes),
                    duration: try Duration(
                        micros: raw.ballooning_microseconds, "ballooningMicroseconds")) : nil,
            streams: raw.streams == 0 ? nil : Int(raw.streams),
            compression: try Policy.Compression(raw.compression, "compression"),
            isPartial: raw.partial != 0, isLost: raw.lost != 0)
    }

    func fill(_ raw: inout Huddle__V1__MoveMeasure, _ arena: inout Arena) {
        if let bytes {
            raw.bytes_presence_case = HUDDLE__V1__MOVE_MEASURE__BYTES_PRESENCE_BYTES
            raw.bytes = bytes.count
        }
        if let ahead {
            raw.ahead_presence_case = HUDDLE__V1__MOVE_MEASURE__AHEAD_PRESENCE_AHEAD_BYTES
            raw.ahead_bytes = ahead.count
        }
        if let bandwidth {
            raw.bandwidth_presence_case =
                HUDDLE__V1__MOVE_MEASURE__BANDWIDTH_PRESENCE_BANDWIDTH_BYTES_PER_SECOND
            raw.bandwidth_bytes_per_second = bandwidth.count
        }
        if let downtime {
            raw.downtime_presence_case =
                HUDDLE__V1__MOVE_MEASURE__DOWNTIME_PRESENCE_DOWNTIME_MICROSECONDS
            raw.downtime_microseconds = downtime.micros
        }
        if let allowed {
            raw.allowed_presence_case =
                HUDDLE__V1__MOVE_MEASURE__ALLOWED_PRESENCE_ALLOWED_BYTES_PER_SECOND
            raw.allowed_bytes_per_second = allowed.count
        }
        if let ballooned {
            raw.ballooned_presence_case =
                HUDDLE__V1__MOVE_MEASURE__BALLOONED_PRESENCE_BALLOONED_BYTES
            raw.ballooned_bytes = ballooned.bytes.count
            raw.ballooning_microseconds = ballooned.duration.micros
        }
        if let streams { raw.streams = UInt32(clamping: streams) }
        raw.compression = compression.wire
        raw.lost = isLost.wire
        raw.partial = isPartial.wire
    }
}
