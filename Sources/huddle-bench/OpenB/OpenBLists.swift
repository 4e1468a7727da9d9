import ClusterModel
import Planner

/// The hosts and the requests of one experiment.
struct OpenBLists {
    /// What is free on each host at first: millicores, mebibytes, and GPUs in thousandths.
    let hosts: [Leftover]
    /// Different requests, and which of them each line of the list is.
    let demands: [DemandShape]
    let requests: [Int]

    /// Thousandths of a GPU.
    static let gpu: Int64 = 1_000
    /// Bounds of what a line may say; a million cores, a pebibyte, a thousand devices.
    private static let cpu: ClosedRange<Int64> = 0...1_000_000_000
    private static let memory: ClosedRange<Int64> = 0...1_073_741_824
    private static let gpus: ClosedRange<Int64> = 0...1_024

    init(nodes: String, pods: String) throws {
        try self.init(nodes: OpenBTable(file: nodes), pods: OpenBTable(file: pods))
    }

    init(nodes: OpenBTable, pods: OpenBTable) throws {
        var models: [String: Int] = ["": 0]
        hosts = try nodes.map { row in
            let model = try row.text("model")
            let kind = models[model] ?? models.count
            models[model] = kind
            let gpus = try row.number("gpu", in: Self.gpus)
            return Leftover(
                amounts: [
                    try row.number("cpu_milli", in: Self.cpu),
                    try row.number("memory_mib", in: Self.memory),
                ],
                devices: [Array(repeating: Self.gpu, count: Int(gpus))], kind: kind)
        }
        var names: [DemandShape: Int] = [:]
        var demands: [DemandShape] = []
        requests = try pods.map { row in
            let demand = try Self.demand(row, models: models)
            if let known = names[demand] { return known }
            names[demand] = demands.count
            demands.append(demand)
            return demands.count - 1
        }
        self.demands = demands
    }

    private static func demand(_ row: OpenBTable.Row, models: [String: Int]) throws -> DemandShape {
        let count = try row.number("num_gpu", in: gpus)
        let share = try row.number("gpu_milli", in: 0...gpu)
        guard count == 0 || share > 0 else {
            throw row.refuse("num_gpu \(count) with gpu_milli \(share)")
        }
        let wanted = try row.text("gpu_spec").split(separator: "|").map(String.init)
        return DemandShape(
            amounts: [
                try row.number("cpu_milli", in: cpu), try row.number("memory_mib", in: memory),
            ],
            devices: [DemandShape.Devices(count: Int(count), share: share)],
            kinds: wanted.isEmpty || count == 0 ? nil : wanted.map { models[$0] ?? -1 })
    }

    /// Thousandths of GPUs that all hosts have.
    var gpuCapacity: Int64 { hosts.reduce(0) { $0 + $1.totals[2] } }
    var cpuCapacity: Int64 { hosts.reduce(0) { $0 + $1.totals[0] } }

    func gpu(of demand: Int) -> Int64 {
        demands[demand].devices[0].share * Int64(demands[demand].devices[0].count)
    }

    /// The list in an order of chance, then requests drawn from it, until `percent` of the GPUs are asked for; of a list that asks for more, requests are left
    /// out by chance.
    /// - Source: the simulator's workload tuning; it stops before the first drawn request whose share would pass the mark.
    func arrivals(seed: UInt64, percent: Int64) -> [Int] {
        var generator = SplitMix64(seed: seed)
        var arrivals = requests.shuffled(using: &generator)
        let mark = gpuCapacity * percent / 100
        var asked = arrivals.reduce(0) { $0 + gpu(of: $1) }
        if asked > mark {
            while asked > mark, !arrivals.isEmpty {
                let place = Int.random(in: arrivals.indices, using: &generator)
                asked -= gpu(of: arrivals.remove(at: place))
            }
            return arrivals
        }
        // Requests without a GPU alone would never reach the mark.
        guard requests.contains(where: { gpu(of: $0) > 0 }) else { return arrivals }
        while let drawn = requests.randomElement(using: &generator),
            asked + demands[drawn].devices[0].share <= mark
        {
            asked += gpu(of: drawn)
            arrivals.append(drawn)
        }
        return arrivals
    }
}
