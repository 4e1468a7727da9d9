import ClusterModel

/// The resources that a cluster has, as the auditor counts them.
struct Amount {
    let of: (Resources) -> UInt64

    /// Every resource named in `all`.
    static func kinds(in all: [Resources]) -> [Amount] {
        let names = Set(all.flatMap { $0.scalars.map(\.name) }).sorted()
        return [
            Amount { $0.cpu.millicores }, Amount { $0.memory.count }, Amount { $0.disk.count },
            Amount { $0.network.count },
        ] + names.map { name in Amount { $0.scalar(name) } }
    }

    /// Resources of `amounts`, which are in the order of `kinds(in: all)`.
    static func resources(_ amounts: [UInt64], in all: [Resources]) -> Resources {
        let names = Set(all.flatMap { $0.scalars.map(\.name) }).sorted()
        return Resources(
            cpu: CPU(millicores: amounts[0]), memory: Bytes(amounts[1]), disk: Bytes(amounts[2]),
            network: BytesPerSecond(amounts[3]),
            scalars: zip(names, amounts.dropFirst(4)).map { Resources.Scalar(name: $0, amount: $1) }
        )
    }
}
