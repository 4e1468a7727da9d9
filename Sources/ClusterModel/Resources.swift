/// A vector of everything that a host can give and an instance can ask for.
package struct Resources: Hashable, Sendable {
    package var cpu: CPU
    package var memory: Bytes
    package var disk: Bytes
    package var network: BytesPerSecond
    /// Named further resources in ascending order of their names, each name once.
    package private(set) var scalars: [Scalar]

    /// An amount of a resource that only the operator knows, in thousandths of one.
    package struct Scalar: Hashable, Sendable {
        package let name: String
        package let amount: UInt64

        package init(name: String, amount: UInt64) {
            self.name = name
            self.amount = amount
        }
    }

    package init(
        cpu: CPU = .zero, memory: Bytes = .zero, disk: Bytes = .zero,
        network: BytesPerSecond = .zero, scalars: [Scalar] = []
    ) {
        self.cpu = cpu
        self.memory = memory
        self.disk = disk
        self.network = network
        var amounts: [String: UInt64] = [:]
        for scalar in scalars { amounts[scalar.name, default: 0] = scalar.amount }
        self.scalars = amounts.sorted { $0.key < $1.key }.map {
            Scalar(name: $0.key, amount: $0.value)
        }
    }

    package static let zero = Resources()

    /// The amount of the scalar `name`; zero where it is not known.
    package func scalar(_ name: String) -> UInt64 { scalars.first { $0.name == name }?.amount ?? 0 }

    /// The sum in every dimension, saturating.
    package static func + (a: Resources, b: Resources) -> Resources {
        guard !(a.scalars.isEmpty && b.scalars.isEmpty) else {
            return Resources(
                cpu: a.cpu + b.cpu, memory: a.memory + b.memory, disk: a.disk + b.disk,
                network: a.network + b.network)
        }
        let names = Set(a.scalars.map(\.name)).union(b.scalars.map(\.name)).sorted()
        return Resources(
            cpu: a.cpu + b.cpu, memory: a.memory + b.memory, disk: a.disk + b.disk,
            network: a.network + b.network,
            scalars: names.map {
                Scalar(name: $0, amount: a.scalar($0).saturatingSum(b.scalar($0)))
            })
    }

    /// The larger value in every dimension.
    package func maximum(_ other: Resources) -> Resources {
        let names = Set(scalars.map(\.name)).union(other.scalars.map(\.name)).sorted()
        return Resources(
            cpu: max(cpu, other.cpu), memory: max(memory, other.memory),
            disk: max(disk, other.disk), network: max(network, other.network),
            scalars: names.map { Scalar(name: $0, amount: max(scalar($0), other.scalar($0))) })
    }

    /// What is left of each dimension, zero where `demand` is larger.
    package func reduced(by demand: Resources) -> Resources {
        Resources(
            cpu: cpu.subtracting(demand.cpu) ?? .zero,
            memory: memory.subtracting(demand.memory) ?? .zero,
            disk: disk.subtracting(demand.disk) ?? .zero,
            network: network.subtracting(demand.network) ?? .zero,
            scalars: scalars.map { own in
                let taken = demand.scalar(own.name)
                return Scalar(name: own.name, amount: own.amount > taken ? own.amount - taken : 0)
            })
    }

    /// The first dimension in which `self` is larger than `room` and by how much; `nil` when it fits.
    ///
    /// Dimensions are compared in the fixed order CPU, memory, disk, network, scalars by name, so that the
    /// same misfit is always named the same way. A host that does not measure its network gives no limit.
    package func misfit(in room: Resources) -> Misfit? {
        if cpu > room.cpu {
            return .cpu(short: CPU(millicores: cpu.millicores - room.cpu.millicores))
        }
        if memory > room.memory { return .memory(short: Bytes(memory.count - room.memory.count)) }
        if disk > room.disk { return .disk(short: Bytes(disk.count - room.disk.count)) }
        if network > room.network {
            return .network(short: BytesPerSecond(network.count - room.network.count))
        }
        for own in scalars where own.amount > room.scalar(own.name) {
            return .scalar(name: own.name, short: own.amount - room.scalar(own.name))
        }
        return nil
    }
}
