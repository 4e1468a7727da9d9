/// Number of the cluster's state; grows with every change that is stored.
package struct Revision: Hashable, Comparable, Sendable {
    package let number: UInt64

    package init(_ number: UInt64) { self.number = number }

    package static let zero = Revision(0)

    package static func < (a: Revision, b: Revision) -> Bool { a.number < b.number }

    package var next: Revision { Revision(number + 1) }
}

/// Number of an instance's decisions; the fencing token in every command about it.
package struct Generation: Hashable, Comparable, Sendable {
    package let number: UInt64

    package init(_ number: UInt64) { self.number = number }

    package static let zero = Generation(0)

    package static func < (a: Generation, b: Generation) -> Bool { a.number < b.number }

    package var next: Generation { Generation(number + 1) }
}

/// A point in time as the engines see it, in milliseconds since 1970-01-01T00:00:00Z.
package struct Instant: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }

    /// The instant `duration` later; a duration past the representable range saturates.
    package func advanced(by duration: Duration) -> Instant {
        let (sum, overflow) = milliseconds.addingReportingOverflow(duration.milliseconds)
        return Instant(milliseconds: overflow ? .max : sum)
    }

    /// How long `self` lies after `earlier`; negative when it lies before.
    package func since(_ earlier: Instant) -> Duration {
        .milliseconds(milliseconds - earlier.milliseconds)
    }
}

extension Duration {
    /// The whole milliseconds of this duration, rounded towards zero and saturating.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, tooLarge) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return tooLarge ? (seconds < 0 ? .min : .max) : sum
    }
}
