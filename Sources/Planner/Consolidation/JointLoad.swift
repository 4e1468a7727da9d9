package import ClusterModel

/// What several instances used together, bucket by bucket, so that loads that rise together count together.
package struct JointLoad: Hashable, Sendable {
    /// Sums of the buckets, oldest first.
    package private(set) var sums: [UInt64]

    /// Nothing yet, over `buckets` buckets.
    package init(buckets: Int) { sums = Array(repeating: 0, count: max(0, buckets)) }

    /// The sum of `series`, whose newest buckets are of one time, over the newest `buckets`.
    package init(of series: [[UInt64]], buckets: Int) {
        self.init(buckets: buckets)
        for own in series { add(Self.aligned(own, buckets: buckets)) }
    }

    /// The newest `buckets` of `series`; what is older than its record counts as the mean of what there is, and samples are cut as in `LoadEstimate`.
    package static func aligned(_ series: [UInt64], buckets: Int) -> [UInt64] {
        let own = series.suffix(max(0, buckets)).map { min($0, LoadEstimate.largest) }
        let mean = UInt64(max(0, LoadEstimate(of: own).mean))
        return Array(repeating: mean, count: max(0, buckets) - own.count) + own
    }

    /// Adds a series of as many buckets.
    package mutating func add(_ aligned: [UInt64]) {
        for bucket in sums.indices where bucket < aligned.count {
            sums[bucket] = sums[bucket].saturatingSum(aligned[bucket])
        }
    }

    /// Takes away a series that was added.
    package mutating func remove(_ aligned: [UInt64]) {
        for bucket in sums.indices where bucket < aligned.count {
            sums[bucket] -= min(sums[bucket], aligned[bucket])
        }
    }

    /// The smallest sum that at least `rank` of the buckets do not exceed.
    package func percentile(_ rank: Share) -> UInt64 { Snapshot.percentile(rank, of: sums) }

    /// In how many buckets the sum, with `further` added, passes `ceiling`.
    package func breaches(of ceiling: UInt64, with further: [UInt64] = []) -> Int {
        sums.indices.count { bucket in
            let more = bucket < further.count ? further[bucket] : 0
            return sums[bucket].saturatingSum(more) > ceiling
        }
    }

    /// The share of buckets in which the sum passes `ceiling`: the chance of a breach, as far as the record tells.
    package func chance(of ceiling: UInt64) -> Share {
        guard !sums.isEmpty else { return .none }
        return Share(permille: UInt32(breaches(of: ceiling) * 1_000 / sums.count))
    }
}
