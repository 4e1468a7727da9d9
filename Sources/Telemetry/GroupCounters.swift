/// What the kernel counts for a control group, or for the whole machine.
///
/// A counter is `nil` where the kernel does not keep it.
package struct GroupCounters: Hashable, Sendable {
    /// Processor time since the group was made, in nanoseconds.
    package let cpuNanoseconds: UInt64?
    /// Time held back by a quota since the group was made, in microseconds, summed over processors.
    package let throttledMicroseconds: UInt64?
    /// Bytes in use now, without file pages that the kernel would drop first.
    package let memory: UInt64?
    /// Bytes read and written since the group was made.
    package let disk: UInt64?

    /// What is known of a group that shows nothing.
    static let unknown = GroupCounters(
        cpuNanoseconds: nil, throttledMicroseconds: nil, memory: nil, disk: nil)
}

extension UInt64 {
    /// The product, or the largest value when it would overflow.
    func saturatingProduct(_ other: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
