/// An amount of processor time per time, in thousandths of one core.
package struct CPU: Hashable, Comparable, Sendable {
    /// Thousandths of one core; 1 000 is one core kept busy.
    package let millicores: UInt64

    package init(millicores: UInt64) { self.millicores = millicores }

    package static let zero = CPU(millicores: 0)

    package static func < (a: CPU, b: CPU) -> Bool { a.millicores < b.millicores }

    /// The sum, saturating at the largest value, so that an absurd demand is refused, not wrapped.
    package static func + (a: CPU, b: CPU) -> CPU {
        CPU(millicores: a.millicores.saturatingSum(b.millicores))
    }

    /// The remainder, or `nil` when `demand` does not fit.
    package func subtracting(_ demand: CPU) -> CPU? {
        demand > self ? nil : CPU(millicores: millicores - demand.millicores)
    }

    /// The part of this amount that `share` names, rounded down.
    package func scaled(by share: Share) -> CPU { CPU(millicores: millicores.scaled(by: share)) }
}
