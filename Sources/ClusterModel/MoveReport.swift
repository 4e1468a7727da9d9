/// What one host measured of its part in a move, as QEMU tells it or as its agent saw it.
package struct MoveMeasure: Hashable, Sendable {
    /// All that went over the wire; `nil` where this phase does not tell.
    package let bytes: Bytes?
    /// What of its volumes went beside that, while the instance ran; `nil` where nothing did.
    package let ahead: Bytes?
    /// How fast it went, pauses not counted.
    package let bandwidth: BytesPerSecond?
    /// How long the instance stood still.
    package let downtime: Duration?
    /// What a ceiling let its source send when it began to be sent, and in a report its even part of that, beside all that left its
    /// source meanwhile. `nil` where there was no ceiling; one byte where agents compressed it, and so were bound by that; hosts
    /// do not tell it.
    package let allowed: BytesPerSecond?
    /// What the guest gave up before its memory was sent; `nil` where it was not asked, or gave nothing.
    package let ballooned: Ballooned?
    /// Over how many streams QEMU sent the memory; `nil` where it did not, or its agent does not tell.
    package let streams: Int?
    /// How agents compressed what one fetched from the other.
    package let compression: Policy.Compression
    /// Whether the source let go of the instance before all of its memory was sent.
    package let isPartial: Bool
    /// Whether the instance came, and ended before all of its memory was there.
    package let isLost: Bool

    package static let nothing = MoveMeasure()

    /// Memory that a guest does without for as long as a move takes.
    package struct Ballooned: Hashable, Sendable {
        package let bytes: Bytes
        /// How long that took; nothing was sent of its memory meanwhile.
        package let duration: Duration

        package init(bytes: Bytes, duration: Duration) {
            self.bytes = bytes
            self.duration = duration
        }
    }

    package init(
        bytes: Bytes? = nil, ahead: Bytes? = nil, bandwidth: BytesPerSecond? = nil,
        downtime: Duration? = nil, allowed: BytesPerSecond? = nil, ballooned: Ballooned? = nil,
        streams: Int? = nil,
        compression: Policy.Compression = .none, isPartial: Bool = false, isLost: Bool = false
    ) {
        self.bytes = bytes
        self.ahead = ahead
        self.bandwidth = bandwidth
        self.downtime = downtime
        self.allowed = allowed
        self.ballooned = ballooned
        self.streams = streams
        self.compression = compression
        self.isPartial = isPartial
        self.isLost = isLost
    }

    /// With what a later phase told.
    package func completed(by later: MoveMeasure) -> MoveMeasure {
        MoveMeasure(
            bytes: later.bytes ?? bytes, ahead: later.ahead ?? ahead,
            bandwidth: later.bandwidth ?? bandwidth,
            downtime: later.downtime ?? downtime, allowed: later.allowed ?? allowed,
            ballooned: later.ballooned ?? ballooned, streams: later.streams ?? streams,
            compression: later.compression == .none ? compression : later.compression,
            isPartial: later.isPartial || isPartial, isLost: later.isLost || isLost)
    }

    /// Whether its ceiling may be what bounded it, rather than the way; a sender comes to most of what it may send.
    package var isBound: Bool {
        guard let allowed, let bandwidth else { return false }
        return bandwidth >= allowed.scaled(by: .percent(75))
    }
}

/// What a move that was done came to, beside what had been forecast.
package struct MoveReport: Hashable, Sendable {
    package let move: MoveID
    package let instance: InstanceID
    package let kind: Workload.Kind
    package let mode: MoveMode
    package let source: HostID
    package let target: HostID
    package let endedAt: Instant
    /// From its order until the source was rid of it.
    package let total: Duration
    package let measure: MoveMeasure
    package let forecast: MoveForecast?

    /// A bounded history, oldest first: what one workload's moves came to.
    package static let kept = 16

    package init(
        move: MoveID, instance: InstanceID, kind: Workload.Kind, mode: MoveMode, source: HostID,
        target: HostID, endedAt: Instant, total: Duration, measure: MoveMeasure,
        forecast: MoveForecast? = nil
    ) {
        self.move = move
        self.instance = instance
        self.kind = kind
        self.mode = mode
        self.source = source
        self.target = target
        self.endedAt = endedAt
        self.total = total
        self.measure = measure
        self.forecast = forecast
    }

    /// What standing still took beside sending; `nil` where nobody measured it.
    package func halt(at bandwidth: BytesPerSecond) -> Duration? {
        guard let downtime = measure.downtime else { return nil }
        if mode == .relocate { return downtime }
        let sent =
            mode == .live && kind == .vm
            ? MoveForecast.ambition : Duration.sending(measure.bytes ?? .zero, at: bandwidth)
        return max(.zero, downtime - sent)
    }

    /// What it took beside sending, standing still, and the time in which the guest gave up memory: that is the guest's
    /// and says nothing of the way.
    package func setup(at bandwidth: BytesPerSecond) -> Duration {
        let sent = Duration.sending(
            (measure.bytes ?? .zero) + (measure.ahead ?? .zero), at: bandwidth)
        let given = measure.ballooned?.duration ?? .zero
        return max(.zero, total - sent - given - (halt(at: bandwidth) ?? .zero))
    }
}

extension MoveMeasure.Ballooned: CustomStringConvertible {
    /// `400 MiB ballooned back in 1.2 s`.
    package var description: String {
        "\(MoveFigures.mebibytes(bytes)) ballooned back in \(MoveFigures.words(duration))"
    }
}

extension MoveMeasure {
    /// What was done to make less of it, or to send it sooner, as an operator reads it.
    fileprivate var remarks: [String] {
        var remarks: [String] = []
        if let ahead, ahead > .zero {
            remarks.append("\(MoveFigures.mebibytes(ahead)) of files before, while it ran")
        }
        if let ballooned { remarks.append("\(ballooned)") }
        if let streams, streams > 1 { remarks.append("over \(streams) streams") }
        if compression != .none { remarks.append("compressed by \(compression.rawValue)") }
        return remarks
    }
}

extension MoveReport {
    /// What it came to beside what had been expected, as an operator reads it.
    package var words: String {
        // One that starts anew is away for longer than it stood still.
        let downtime = measure.isLost ? nil : measure.downtime
        let figures = MoveFigures(measure.bytes, total, downtime).words
        let came = ([figures] + measure.remarks).joined(separator: ", ")
        return forecast.map { "\(came); expected \($0.words)" } ?? came
    }
}

extension MoveForecast {
    /// What is expected, as an operator reads it.
    package var words: String {
        if let endless { return "\(endless)" }
        let figures = MoveFigures(bytes, duration, downtime).words
        return recourse.map { "\(figures); \($0)" } ?? figures
    }
}

/// The three figures that a move is judged by.
private struct MoveFigures {
    let bytes: Bytes?
    let duration: Duration
    let downtime: Duration?

    init(_ bytes: Bytes?, _ duration: Duration, _ downtime: Duration?) {
        self.bytes = bytes
        self.duration = duration
        self.downtime = downtime
    }

    /// `1.4 s, 95 MiB, 9 ms of standing still`.
    var words: String {
        let sent = bytes.map { ", \(Self.mebibytes($0))" } ?? ""
        let still = downtime.map { ", \(Self.words($0)) of standing still" } ?? ""
        return Self.words(duration) + sent + still
    }

    static func mebibytes(_ bytes: Bytes) -> String {
        "\((bytes.count >> 20) + ((bytes.count >> 19) & 1)) MiB"
    }

    static func words(_ time: Duration) -> String {
        let milliseconds = max(0, time.milliseconds)
        guard milliseconds >= 1_000 else { return "\(milliseconds) ms" }
        let tenths = (milliseconds + 50) / 100
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
