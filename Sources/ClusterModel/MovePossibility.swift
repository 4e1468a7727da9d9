extension MoveMode {
    /// The modes in which an instance of `kind` can go from `source` to `target`, least
    /// interruption first.
    ///
    /// This is a fact about the two hosts and about what the move engine can carry out, not a rule:
    /// what the spec accepts of it (`move.allow`) is judged by those who read it. Today the engine
    /// carries out `restart` alone; `live` joins here once both hosts report the capability for it.
    package static func possible(
        for kind: Workload.Kind, from source: Host, to target: Host
    ) -> [MoveMode] {
        source.id == target.id ? [] : [.restart]
    }
}
