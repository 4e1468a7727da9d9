import ClusterModel

extension StructuredValue {
    /// What a move is expected to come to; times in milliseconds, rounded up.
    init(_ forecast: MoveForecast) {
        self = [
            "mode": .text(forecast.mode.rawValue),
            "bytes": .unsigned(forecast.bytes.count),
            "durationMilliseconds": .integer(Int(forecast.duration.milliseconds)),
            "downtimeMilliseconds": .integer(Int(forecast.downtime.milliseconds)),
            "rounds": .integer(forecast.rounds),
            "bandwidthBytesPerSecond": .unsigned(forecast.bandwidth.count),
            "endless": forecast.endless.map { StructuredValue($0) } ?? .null,
            "recourse": forecast.recourse.map { StructuredValue($0) } ?? .null,
        ]
    }

    private init(_ recourse: MoveForecast.Recourse) {
        let (way, allowed): (MoveRecourse, StructuredValue) =
            switch recourse {
            case .longer(let rung, _): (.longer, .integer(Int(rung.milliseconds)))
            case .postcopy: (.postcopy, .null)
            case .restart: (.restart, .null)
            }
        self = [
            "way": .text(way.rawValue), "allowedDowntimeMilliseconds": allowed,
            "since": StructuredValue(recourse.since), "words": .text("\(recourse)"),
        ]
    }

    private init(_ endless: MoveForecast.Endless) {
        self = [
            "changedBytesPerSecond": .unsigned(endless.changes.count),
            "setBytes": .unsigned(endless.set.count),
            "bandwidthBytesPerSecond": .unsigned(endless.bandwidth.count),
            "sendableBytes": .unsigned(endless.sendable.count),
            "downtimeMilliseconds": .integer(Int(endless.downtime.milliseconds)),
            "words": .text("\(endless)"),
        ]
    }

    /// What was measured of a move; null where it was not.
    init(_ measure: MoveMeasure) {
        self = [
            "bytes": measure.bytes.map { .unsigned($0.count) } ?? .null,
            "aheadBytes": measure.ahead.map { .unsigned($0.count) } ?? .null,
            "bandwidthBytesPerSecond": measure.bandwidth.map { .unsigned($0.count) } ?? .null,
            "downtimeMilliseconds": measure.downtime.map { .integer(Int($0.milliseconds)) }
                ?? .null,
            "balloonedBytes": measure.ballooned.map { .unsigned($0.bytes.count) } ?? .null,
            "ballooningMilliseconds": measure.ballooned.map {
                .integer(Int($0.duration.milliseconds))
            } ?? .null,
            "streams": measure.streams.map { .integer($0) } ?? .null,
            "compression": .text(measure.compression.rawValue),
            "partial": .bool(measure.isPartial),
            "lost": .bool(measure.isLost),
        ]
    }

    init(_ report: MoveReport) {
        self = [
            "move": .init(report.move),
            "instance": .init(report.instance),
            "source": .init(report.source),
            "target": .init(report.target),
            "mode": .text(report.mode.rawValue),
            "endedAtMilliseconds": .init(report.endedAt),
            "totalMilliseconds": .integer(Int(report.total.milliseconds)),
            "measured": .init(report.measure),
            "forecast": report.forecast.map { StructuredValue($0) } ?? .null,
        ]
    }
}
