import ClusterModel

/// The most that the stays on one host need of its processors together, over all reachable cuts.
///
/// What a cut holds is known from the departures that are done: those that some arrivals drag
/// along, and with them every arrival that waits for no others. Need never falls when more is
/// there, so one cut for each union of what arrivals wait for is enough. Orders of plans make few
/// such unions; beyond `mostUnions` each bucket is judged by its own worst cut, which is never too
/// little.
struct JointCut {
    private let stays: [Stay]
    private let amounts: [[UInt32]]
    private let rule: JointRule
    /// Positions of departures, each once.
    private let departures: [Int]

    /// Unions that are looked at one by one.
    static let mostUnions = 4_096

    /// `amounts` are those of every instance of the snapshot.
    init(_ stays: [Stay], _ amounts: [[UInt32]], _ rule: JointRule) {
        self.stays = stays
        self.amounts = amounts
        self.rule = rule
        departures = Set(stays.compactMap(\.until)).sorted()
    }

    /// What is needed before the plan.
    var start: UInt64 { need(stays.filter { $0.from == nil }) }

    /// The largest need, exact up to `mostUnions` and never too little; where everything that ever
    /// comes needs no more than `limit` together, that.
    func most(_ precedence: Precedence, enough limit: UInt64) -> UInt64 {
        let all = need(stays)
        guard all > limit else { return all }
        let waits = stays.map { stay in
            Set(departures.filter { precedence.isDone($0, beforeStartOf: stay.from) })
        }
        var unions: Set<Set<Int>> = [[]]
        for wait in Set(waits) where !wait.isEmpty {
            for union in unions {
                unions.insert(union.union(wait))
                guard unions.count <= Self.mostUnions else { return bucketwise(precedence) }
            }
        }
        var most: UInt64 = 0
        for done in unions {
            let there = stays.indices.filter { index in
                let isOver = stays[index].until.map { done.contains($0) } ?? false
                return !isOver && waits[index].isSubset(of: done)
            }
            most = max(most, need(there.map { stays[$0] }))
        }
        return most
    }

    /// The need were every bucket's worst cut the same one.
    private func bucketwise(_ precedence: Precedence) -> UInt64 {
        ranked(
            (0..<rule.buckets).map { bucket in
                let cut = WorstCut(stays) { UInt64(amounts[$0.instance][bucket]) }
                return UInt64(clamping: cut.most(precedence))
            })
    }

    private func need(_ stays: [Stay]) -> UInt64 {
        var sums = Array(repeating: UInt64(0), count: rule.buckets)
        for stay in stays {
            for (bucket, amount) in amounts[stay.instance].enumerated() {
                sums[bucket] += UInt64(amount)
            }
        }
        return ranked(sums)
    }

    /// The smallest of `sums` that no more than the allowed ones pass; written a second time on
    /// purpose.
    private func ranked(_ sums: [UInt64]) -> UInt64 {
        let passing = (sums.count + 1) * Int(rule.chance.permille) / 1000
        let rank = sums.count - max(1, passing)
        return rank < 0 ? 0 : sums.sorted()[rank]
    }
}
