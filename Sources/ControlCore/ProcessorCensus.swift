package import ClusterModel

/// How many members have each processor.
///
/// Of thousands of hosts few differ, so that the baseline is one of few sets however many join at once.
package struct ProcessorCensus: Hashable, Sendable {
    private var counts: [Processor: Int] = [:]

    package init() {}

    /// One host has `new` and no longer `old`; `nil` is a host that counts for nothing.
    mutating func replace(_ old: Processor?, by new: Processor?) {
        guard old != new else { return }
        if let old, let count = counts[old] { counts[old] = count > 1 ? count - 1 : nil }
        if let new { counts[new, default: 0] += 1 }
    }

    /// What all of them have in common.
    package var baseline: Baseline { Baseline(of: counts.keys) }
}
