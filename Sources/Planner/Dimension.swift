import ClusterModel

/// One resource among those of a cluster.
enum Dimension: Hashable, Sendable {
    case cpu
    case memory
    case disk
    case network
    case scalar(String)
    /// Processor time that is expected while a move lasts; only where a terrain adds it.
    case expectedCPU

    /// The four fixed dimensions, then the named ones in the order of their names.
    static func all(in amounts: [Resources]) -> [Dimension] {
        let names = Set(amounts.flatMap { $0.scalars.map(\.name) })
        return [.cpu, .memory, .disk, .network] + names.sorted().map(Dimension.scalar)
    }

    func amount(in resources: Resources) -> UInt64 {
        switch self {
        case .cpu: resources.cpu.millicores
        case .memory: resources.memory.count
        case .disk: resources.disk.count
        case .network: resources.network.count
        case .scalar(let name): resources.scalar(name)
        case .expectedCPU: 0
        }
    }

    /// The refusal of a host that lacks `amount` of this resource.
    func misfit(short amount: UInt64) -> Misfit {
        switch self {
        case .cpu, .expectedCPU: .cpu(short: CPU(millicores: amount))
        case .memory: .memory(short: Bytes(amount))
        case .disk: .disk(short: Bytes(amount))
        case .network: .network(short: BytesPerSecond(amount))
        case .scalar(let name): .scalar(name: name, short: amount)
        }
    }
}

extension Resources {
    /// The resources with `amounts` of `dimensions`, in the same order; larger than 64 bits
    /// saturates.
    init(_ amounts: [UInt128], of dimensions: [Dimension]) {
        var fixed = Resources()
        var scalars: [Scalar] = []
        for (dimension, wide) in zip(dimensions, amounts) {
            let amount = UInt64(clamping: wide)
            switch dimension {
            case .cpu: fixed.cpu = CPU(millicores: amount)
            case .memory: fixed.memory = Bytes(amount)
            case .disk: fixed.disk = Bytes(amount)
            case .network: fixed.network = BytesPerSecond(amount)
            case .scalar(let name): scalars.append(Scalar(name: name, amount: amount))
            case .expectedCPU: break
            }
        }
        self.init(
            cpu: fixed.cpu, memory: fixed.memory, disk: fixed.disk, network: fixed.network,
            scalars: scalars)
    }
}
