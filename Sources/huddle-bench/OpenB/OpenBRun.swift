import Planner

/// Places requests one after the other, none ever leaves, and counts what was placed.
struct OpenBRun {
    private let lists: OpenBLists
    private var scorer: FragmentationScorer
    /// The rooms that hosts have, in an order that only depends on what was placed.
    private var rooms: [Int] = []
    /// How many hosts have a room, by its name.
    private var hosts: [Int: Int] = [:]
    private(set) var gpuPlaced: Int64 = 0
    private(set) var cpuPlaced: Int64 = 0
    private(set) var decisions = 0

    init(lists: OpenBLists) {
        self.lists = lists
        var counts = Array(repeating: Int64(0), count: lists.demands.count)
        for request in lists.requests { counts[request] += 1 }
        let capacity = lists.hosts.reduce([0, 0, 0]) { sums, host in
            zip(sums, host.totals).map { $0 + $1 }
        }
        scorer = FragmentationScorer(
            mix: zip(lists.demands, counts).map { (demand: $0, count: $1) }, capacity: capacity)
        for host in lists.hosts { add(scorer.shape(of: host)) }
    }

    mutating func place(_ demand: Int) {
        decisions += 1
        var best: (source: Int, outcome: FragmentationScorer.Outcome)?
        for source in rooms {
            guard let outcome = scorer.outcome(of: demand, on: source) else { continue }
            if best.map({
                (outcome.loss, outcome.slack, source)
                    < ($0.outcome.loss, $0.outcome.slack, $0.source)
            }) ?? true {
                best = (source, outcome)
            }
        }
        guard let best else { return }
        remove(best.source)
        add(best.outcome.shape)
        gpuPlaced += lists.gpu(of: demand)
        cpuPlaced += lists.demands[demand].amounts[0]
    }

    private mutating func add(_ room: Int) {
        if hosts[room] == nil { rooms.append(room) }
        hosts[room, default: 0] += 1
    }

    private mutating func remove(_ room: Int) {
        guard let count = hosts[room] else { return }
        hosts[room] = count > 1 ? count - 1 : nil
        if count == 1 { rooms.removeAll { $0 == room } }
    }
}
