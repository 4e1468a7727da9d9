/// What was measured over one reporting interval, on a host or of an instance.
package struct Use: Hashable, Sendable {
    /// End of the interval.
    package let at: Instant
    package let cpu: Figure
    package let memory: Figure
    /// Microseconds in this interval in which it was runnable but held back by its cap.
    package let throttled: UInt64
    /// Bytes per second received and sent.
    package let network: Figure
    /// Bytes per second read and written.
    package let disk: Figure
    package let pressure: Pressure?

    /// Mean, maximum and last value of the samples of one interval.
    ///
    /// Millicores for CPU, bytes for memory, bytes per second for network and disk.
    package struct Figure: Hashable, Sendable {
        package let mean: UInt64
        package let maximum: UInt64
        package let last: UInt64

        package static let zero = Figure(mean: 0, maximum: 0, last: 0)

        package init(mean: UInt64, maximum: UInt64, last: UInt64) {
            self.mean = mean
            self.maximum = maximum
            self.last = last
        }

        /// The figure of `samples`, in the order taken; zero for none.
        package init(of samples: [UInt64]) {
            guard let last = samples.last else {
                self = .zero
                return
            }
            let sum = samples.reduce(UInt64(0)) { $0.saturatingSum($1) }
            self.init(mean: sum / UInt64(samples.count), maximum: samples.max() ?? last, last: last)
        }
    }

    package init(
        at: Instant, cpu: Figure, memory: Figure, throttled: UInt64 = 0,
        network: Figure = .zero, disk: Figure = .zero, pressure: Pressure? = nil
    ) {
        self.at = at
        self.cpu = cpu
        self.memory = memory
        self.throttled = throttled
        self.network = network
        self.disk = disk
        self.pressure = pressure
    }
}

/// Pressure stall information: the share of time in which some task waited, over the last ten seconds.
/// - Source: Linux, Documentation/accounting/psi.rst.
package struct Pressure: Hashable, Sendable {
    /// Whose waiting this is; nothing is decided from a figure of the wrong scope.
    package let scope: Scope
    package let cpu: Share
    package let memory: Share
    package let io: Share

    package enum Scope: String, Hashable, Sendable, CaseIterable {
        /// The whole machine's, also where the host is only a part of it.
        case machine
        /// Of this host's or instance's own cgroup.
        case cgroup
    }

    package init(scope: Scope, cpu: Share, memory: Share, io: Share) {
        self.scope = scope
        self.cpu = cpu
        self.memory = memory
        self.io = io
    }
}

/// A bounded series of use, oldest first: one bucket a reporting interval.
package struct UseSeries: Hashable, Sendable {
    /// 288 buckets: a day of five-minute buckets, or 24 minutes of five-second reports.
    package static let capacity = 288

    package private(set) var samples: [Use]

    package static let empty = UseSeries([])

    /// Keeps the newest `capacity` samples.
    package init(_ samples: [Use]) { self.samples = Array(samples.suffix(Self.capacity)) }

    package mutating func append(_ use: Use) {
        samples.append(use)
        if samples.count > Self.capacity { samples.removeFirst(samples.count - Self.capacity) }
    }

    package var last: Use? { samples.last }

    /// Samples no older than `window` before `now`.
    package func recent(_ window: Duration, before now: Instant) -> [Use] {
        samples.filter { now.since($0.at) <= window }
    }
}
