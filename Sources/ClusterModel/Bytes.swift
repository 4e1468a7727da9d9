/// An amount of memory, disk or data, in bytes.
package struct Bytes: Hashable, Comparable, Sendable {
    package let count: UInt64

    package init(_ count: UInt64) { self.count = count }

    package static let zero = Bytes(0)

    package static func mebibytes(_ count: UInt64) -> Bytes { Bytes(count << 20) }

    package static func gibibytes(_ count: UInt64) -> Bytes { Bytes(count << 30) }

    package static func < (a: Bytes, b: Bytes) -> Bool { a.count < b.count }

    /// The sum, saturating at the largest value.
    package static func + (a: Bytes, b: Bytes) -> Bytes { Bytes(a.count.saturatingSum(b.count)) }

    /// The remainder, or `nil` when `demand` does not fit.
    package func subtracting(_ demand: Bytes) -> Bytes? {
        demand > self ? nil : Bytes(count - demand.count)
    }

    /// The part of this amount that `share` names, rounded down.
    package func scaled(by share: Share) -> Bytes { Bytes(count.scaled(by: share)) }
}

/// A rate of data, in bytes per second.
package struct BytesPerSecond: Hashable, Comparable, Sendable {
    package let count: UInt64

    package init(_ count: UInt64) { self.count = count }

    package static let zero = BytesPerSecond(0)

    package static func < (a: Self, b: Self) -> Bool { a.count < b.count }

    /// The sum, saturating at the largest value.
    package static func + (a: Self, b: Self) -> Self { Self(a.count.saturatingSum(b.count)) }

    /// The remainder, or `nil` when `demand` does not fit.
    package func subtracting(_ demand: Self) -> Self? {
        demand > self ? nil : Self(count - demand.count)
    }

    /// The part of this rate that `share` names, rounded down.
    package func scaled(by share: Share) -> Self { Self(count.scaled(by: share)) }
}
