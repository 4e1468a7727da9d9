import ClusterModel
import Wire

/// Hosts as rows, and what each can do below them.
struct HostsText {
    let hosts: [HostSummary]
    let now: Instant

    func text(wide: Bool, width: Int?, colour: Bool) -> String {
        let rows = table(wide: wide).text(width: width, colour: colour)
        let baseline = BaselineText(hosts.map(\.host))
        let waiting = baseline.waiting.isEmpty ? "" : "\n" + baseline.waiting
        guard wide else { return rows + waiting }
        return rows + "\n" + capabilities(width: width, colour: colour) + baseline.whole + waiting
    }

    private func table(wide: Bool) -> Table {
        var table =
            wide
            ? Table(
                .text("HOST"), .text("STATE"), .number("INSTANCES"), .number("CPU"),
                .number("RESERVED"),
                .number("USED"), .number("MEMORY"), .number("RESERVED"), .number("USED"),
                .text("HEARD"),
                .text("ADDRESS"), .text("AGENT"), .text("ARCH"), .text("KERNEL"), .text("LABELS"))
            : Table(
                .text("HOST"), .text("STATE"), .number("INSTANCES"), .number("CPU"),
                .number("RESERVED"),
                .number("USED"), .number("MEMORY"), .number("RESERVED"), .number("USED"))
        for summary in hosts {
            let host = summary.host
            let total = host.capacity.total
            let cpu = total.cpu.millicores
            let name = Table.Cell(host.id.rawValue)
            let state = Table.Cell(host.state.rawValue, Self.tone(host.state))
            let instances = Table.Cell("\(summary.instances)")
            let cores = Table.Cell(HumanText.cpu(total.cpu))
            let cpuReserved = Table.Cell(
                HumanText.percent(summary.reserved.cpu.millicores, of: cpu))
            let cpuUsed = Table.Cell(
                summary.use.map { HumanText.percent($0.cpu.mean, of: cpu) } ?? "-")
            let memory = Table.Cell(HumanText.bytes(total.memory))
            let memoryReserved = Table.Cell(HumanText.bytes(summary.reserved.memory))
            let memoryUsed = Table.Cell(
                summary.use.map { HumanText.bytes(Bytes($0.memory.mean)) } ?? "-")
            guard wide else {
                table.add(
                    name, state, instances, cores, cpuReserved, cpuUsed, memory, memoryReserved,
                    memoryUsed)
                continue
            }
            let heard = summary.heardAt.map { HumanText.age(from: $0, to: now) + " ago" } ?? "never"
            table.add(
                name, state, instances, cores, cpuReserved, cpuUsed, memory, memoryReserved,
                memoryUsed,
                .init(heard), .init(summary.address.isEmpty ? "-" : summary.address),
                .init(summary.version.isEmpty ? "-" : summary.version),
                .init(host.capacity.architecture),
                .init(host.capacity.kernel), .init(Self.labels(host)))
        }
        return table
    }

    private static func labels(_ host: Host) -> String {
        let taints = host.taints.pairs.map { "taint \($0.name)=\($0.value)" }
        let labels = host.labels.pairs.map { "\($0.name)=\($0.value)" }
        return (labels + taints).joined(separator: ",")
    }

    private static func tone(_ state: Host.State) -> Tone {
        switch state {
        case .ready: .good
        case .joining, .draining, .unconfirmed: .warning
        case .asleep: .plain
        case .lost, .fenced: .bad
        }
    }

    private func capabilities(width: Int?, colour: Bool) -> String {
        var table = Table(.text("HOST"), .text("CAN"), .text("YES"), .text("DETAIL"))
        for summary in hosts {
            for capability in summary.host.capacity.capabilities {
                table.add(
                    .init(summary.host.id.rawValue), .init(capability.name.rawValue),
                    .init(
                        capability.available ? "yes" : "no", capability.available ? .good : .warning
                    ),
                    .init(Self.detail(capability, summary.host.capacity)))
            }
        }
        return table.text(width: width, colour: colour)
    }

    /// QEMU runs without KVM too, slowly; whoever wonders why gets the probe's reason in the same
    /// line.
    static func detail(_ capability: Capability, _ capacity: Capacity) -> String {
        guard capability.name == .qemu, capability.available, let kvm = capacity.capability(.kvm)
        else {
            return capability.detail
        }
        let engine = kvm.available ? "kvm" : "tcg, no kvm: \(kvm.detail)"
        return capability.detail.isEmpty ? engine : "\(capability.detail), \(engine)"
    }
}
