import ClusterModel

/// A cluster whose hosts and sizes are drawn from a source, with replacement.
///
/// Sizes are made smaller by one factor, so that all of them together fill the cluster to the
/// share asked for: in the scarcer of processors and memory, of what the policy lets hosts be
/// filled to. Sizes are never made larger than they were.
struct DrawnCluster {
    let policy: Policy
    private(set) var hosts: [Snapshot.HostView]
    private let workloads: [Workload]
    private let now = Instant(milliseconds: 1_000_000_000)

    /// What the coordinator does by default, but that demand is what is reserved: nothing is
    /// measured here.
    static let policy = Policy(demand: .reserved, rest: .zero)

    init(_ source: SizeSource, hosts: Int, workloads: Int, fill: Double, seed: UInt64) throws {
        var dice = SplitMix64(seed: seed)
        let policy = Self.policy
        self.policy = policy
        let machines = (0..<hosts).map { _ in dice.pick(source.hosts) }
        let sizes = (0..<workloads).map { _ in dice.pick(source.workloads) }
        let capacities = machines.map { machine in
            let total = Resources(
                cpu: CPU(millicores: machine.millicores), memory: .mebibytes(machine.mebibytes))
            return Capacity(
                total: total, hostReserve: Capacity.standardReserve(of: total),
                capabilities: Self.capabilities)
        }
        self.hosts = capacities.enumerated().map { index, capacity in
            Snapshot.HostView(
                host: Host(
                    id: HostID(Self.name("h", index, of: hosts)), labels: .none,
                    capacity: capacity, state: .ready),
                changed: Revision(1))
        }
        let factor = Self.factor(
            of: sizes, filling: capacities.map { policy.ceiling(of: $0.allocatable) }, to: fill)
        self.workloads = try sizes.enumerated().map { index, size in
            try Workload(
                kind: .container, name: WorkloadID(Self.name("w", index, of: workloads)),
                image: .named("image"),
                size: Resources(
                    cpu: CPU(millicores: max(1, UInt64(Double(size.millicores) * factor))),
                    memory: .mebibytes(max(1, UInt64(Double(size.mebibytes) * factor)))),
                move: MovePreference(allow: [.live]))
        }
    }

    /// Everything waits for a host.
    func waiting() -> Snapshot {
        snapshot(workloads.map { view($0, on: nil) })
    }

    /// Everything is on a host drawn for it, of those that have room.
    func scattered(seed: UInt64) -> Snapshot {
        var dice = SplitMix64(seed: seed ^ 0x5CA7)
        var left = hosts.map { policy.ceiling(of: $0.host.capacity.allocatable) }
        let views = workloads.map { workload -> Snapshot.InstanceView in
            let size = workload.reservation
            let first = dice.index(below: hosts.count)
            let host = (0..<hosts.count).lazy.map { turn in
                turn < 64 ? dice.index(below: hosts.count) : (first + turn) % hosts.count
            }.first { size.misfit(in: left[$0]) == nil }
            guard let host else { return view(workload, on: nil) }
            left[host] = left[host].reduced(by: size)
            return view(workload, on: hosts[host].id)
        }
        return snapshot(views)
    }

    private func snapshot(_ instances: [Snapshot.InstanceView]) -> Snapshot {
        Snapshot(revision: Revision(2), takenAt: now, hosts: hosts, instances: instances)
    }

    private func view(_ workload: Workload, on host: HostID?) -> Snapshot.InstanceView {
        Snapshot.InstanceView(
            instance: Instance(
                id: workload.instance(0), workload: workload.name, index: 0, host: host,
                observed: host == nil ? .pending : .running),
            workload: workload, changed: Revision(1))
    }

    private static func factor(
        of sizes: [Size], filling ceilings: [Resources], to fill: Double
    ) -> Double {
        func share(_ demand: (Size) -> UInt64, _ room: (Resources) -> UInt64) -> Double {
            let demanded = sizes.reduce(0.0) { $0 + Double(demand($1)) }
            let given = ceilings.reduce(0.0) { $0 + Double(room($1)) }
            return demanded > 0 ? given / demanded : .infinity
        }
        let cpu = share({ $0.millicores }, { $0.cpu.millicores })
        let memory = share({ $0.mebibytes }, { $0.memory.count >> 20 })
        return min(1, min(cpu, memory) * fill)
    }

    private static let capabilities = [Capability.Name.podman, .checkpoint, .network].map {
        Capability($0, available: true, detail: "1.0")
    }

    private static func name(_ prefix: String, _ index: Int, of count: Int) -> String {
        let digits = "\(index)"
        let width = "\(max(1, count) - 1)".count
        return prefix + String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension SplitMix64 {
    /// A number from zero to `count - 1`; the bias is below a billionth.
    mutating func index(below count: Int) -> Int { Int(next() % UInt64(max(1, count))) }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[index(below: elements.count)]
    }
}
