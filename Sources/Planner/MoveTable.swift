import ClusterModel

/// In which modes instances can go from hosts of one kind to hosts of another, worked out once.
///
/// What a workload adds is few facts, so a few tables of kinds serve all workloads.
struct MoveTable: Sendable {
    private let kinds: Int
    private let tables: [[[MoveMode]]]
    private let tableOf: [Int]

    /// Above so many kinds of host the modes are worked out each time they are asked for.
    static let mostKinds = 96

    /// `nil` for more kinds than a table is worth.
    init?(_ rulebook: Rulebook, _ snapshot: Snapshot) {
        guard rulebook.kinds.count <= Self.mostKinds else { return nil }
        kinds = rulebook.kinds.count
        tableOf = rulebook.workloads.indices.map { rulebook.moveClass(ofWorkload: $0) }
        var tables: [[[MoveMode]]] = []
        for (workload, table) in tableOf.enumerated() where table == tables.count {
            tables.append(Self.table(for: rulebook.workloads[workload], snapshot, rulebook.kinds))
        }
        self.tables = tables
    }

    private static func table(
        for workload: Workload, _ snapshot: Snapshot, _ kinds: HostKinds
    ) -> [[MoveMode]] {
        let hosts = snapshot.hosts
        return kinds.members.indices.flatMap { source in
            kinds.members.indices.map { target -> [MoveMode] in
                // Within one kind, any two hosts of it show what holds for all; a kind of one host
                // has no such moves.
                guard let from = kinds.members[source].first, let to = kinds.members[target].last,
                    from != to
                else { return [] }
                return MoveMode.possible(
                    for: workload, from: hosts[from].host, to: hosts[to].host, snapshot.refusals)
            }
        }
    }

    /// The modes in which an instance of `workload` goes from a host of kind `source` to another
    /// of kind `target`.
    func possible(_ workload: Int, from source: Int, to target: Int) -> [MoveMode] {
        tables[tableOf[workload]][source * kinds + target]
    }
}
