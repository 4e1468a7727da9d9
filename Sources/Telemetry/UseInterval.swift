package import ClusterModel

/// Gathers the samples of one reporting interval into a use.
package struct UseInterval: Hashable, Sendable {
    private var began: UInt64
    private let length: UInt64
    private var cpu: [UInt64] = []
    private var memory: [UInt64] = []
    private var network: [UInt64] = []
    private var disk: [UInt64] = []
    private var throttled: UInt64 = 0
    private var pressure: Pressure?
    private var isEmpty = true

    /// Nanoseconds of the interval after which agents report.
    package static let standardLength: UInt64 = 5_000_000_000

    /// Begins at a moment of the monotonic clock that the samples use too.
    package init(
        beginningAtNanoseconds began: UInt64, lengthInNanoseconds length: UInt64 = standardLength
    ) {
        self.began = began
        self.length = length
    }

    /// Takes a sample; returns the use of the interval when this sample was its last, and begins
    /// the next.
    ///
    /// A loop is never quite on time: an interval ends with the sample that is nearest to its end,
    /// so one may come a tenth of the interval early.
    package mutating func add(
        _ sample: Sample, at now: Instant, atNanoseconds moment: UInt64
    ) -> Use? {
        take(sample)
        guard moment >= began, moment - began >= length - length / 10 else { return nil }
        return finish(at: now, atNanoseconds: moment)
    }

    /// Ends the interval early: the use of what was gathered so far, `nil` without a sample.
    package mutating func finish(at now: Instant, atNanoseconds moment: UInt64) -> Use? {
        defer { self = UseInterval(beginningAtNanoseconds: moment, lengthInNanoseconds: length) }
        guard !isEmpty else { return nil }
        return Use(
            at: now, cpu: Use.Figure(of: cpu), memory: Use.Figure(of: memory), throttled: throttled,
            network: Use.Figure(of: network), disk: Use.Figure(of: disk), pressure: pressure)
    }

    private mutating func take(_ sample: Sample) {
        isEmpty = false
        if let value = sample.cpu { cpu.append(value.millicores) }
        if let value = sample.memory { memory.append(value.count) }
        if let value = sample.network { network.append(value.count) }
        if let value = sample.disk { disk.append(value.count) }
        if let value = sample.throttled { throttled = throttled.saturatingSum(value) }
        // The kernel's figure is itself a mean over ten seconds: the last one says all.
        if let value = sample.pressure { pressure = value }
    }
}
