import ClusterModel

/// The resources that a cluster has, as the auditor counts them.
struct Amounts {
    /// One reader for each resource: CPU, memory, disk, network, scalars by name.
    let kinds: [(Resources) -> UInt64]
    private let names: [String]

    /// Every resource named in `all`.
    init(in all: [Resources]) {
        let names = Set(all.flatMap { $0.scalars.map(\.name) }).sorted()
        self.names = names
        kinds =
            [
                { $0.cpu.millicores }, { $0.memory.count }, { $0.disk.count }, { $0.network.count },
            ] + names.map { name in { $0.scalar(name) } }
    }

    /// Resources of `amounts`, which are in the order of `kinds`.
    func resources(_ amounts: [UInt64]) -> Resources {
        Resources(
            cpu: CPU(millicores: amounts[0]), memory: Bytes(amounts[1]), disk: Bytes(amounts[2]),
            network: BytesPerSecond(amounts[3]),
            scalars: zip(names, amounts.dropFirst(4)).map { Resources.Scalar(name: $0, amount: $1) }
        )
    }
}
