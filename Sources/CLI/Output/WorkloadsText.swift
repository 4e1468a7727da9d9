import ClusterModel
import Specs
import Wire

/// Workloads as rows.
enum WorkloadsText {
    static func table(_ summaries: [WorkloadSummary], wide: Bool) -> Table {
        var table =
            wide
            ? Table(
                .text("WORKLOAD"), .text("KIND"), .number("RUNNING"), .number("CPU"),
                .number("MEMORY"),
                .text("IMAGE"), .text("MOVES"), .text("LABELS"))
            : Table(
                .text("WORKLOAD"), .text("KIND"), .number("RUNNING"), .number("CPU"),
                .number("MEMORY"),
                .text("IMAGE"))
        for summary in summaries {
            let workload = summary.workload
            let isComplete = summary.running == workload.count
            let running = Table.Cell(
                "\(summary.running)/\(workload.count)", isComplete ? .good : .warning)
            let name = Table.Cell(workload.name.rawValue)
            let kind = Table.Cell(workload.kind.rawValue)
            let cpu = Table.Cell(HumanText.cpu(workload.size.cpu))
            let memory = Table.Cell(HumanText.bytes(workload.size.memory))
            let image = Table.Cell(Self.image(workload.image))
            guard wide else {
                table.add(name, kind, running, cpu, memory, image)
                continue
            }
            let moves = workload.move.allow.map(\.rawValue).joined(separator: ",")
            table.add(
                name, kind, running, cpu, memory, image, .init(moves.isEmpty ? "none" : moves),
                .init("\(workload.labels)"))
        }
        return table
    }

    static func image(_ image: ImageReference) -> String {
        switch image {
        case .named(let name): name
        case .kernel(let kernel, let initrd, _): "\(kernel) + \(initrd)"
        }
    }
}

/// Instances as rows.
enum InstancesText {
    static func table(_ summaries: [InstanceSummary], wide: Bool, now: Instant) -> Table {
        var table =
            wide
            ? Table(
                .text("INSTANCE"), .text("KIND"), .text("STATE"), .text("HOST"), .text("ADDRESS"),
                .number("CPU"), .number("USED"), .number("MEMORY"), .number("USED"),
                .number("GENERATION"),
                .text("MOVED"), .text("REASON"))
            : Table(
                .text("INSTANCE"), .text("KIND"), .text("STATE"), .text("HOST"), .number("CPU"),
                .number("USED"), .number("MEMORY"), .number("USED"), .text("REASON"))
        for summary in summaries {
            let instance = summary.instance
            let name = Table.Cell(instance.id.rawValue)
            let kind = Table.Cell(summary.kind.rawValue)
            let state = Self.state(summary)
            let host = Table.Cell(instance.host?.rawValue ?? "-")
            let cpu = Table.Cell(HumanText.cpu(summary.reserved.cpu))
            let cpuUsed = Table.Cell(
                summary.use.map { HumanText.cpu(CPU(millicores: $0.cpu.mean)) } ?? "-")
            let memory = Table.Cell(HumanText.bytes(summary.reserved.memory))
            let memoryUsed = Table.Cell(
                summary.use.map { HumanText.bytes(Bytes($0.memory.mean)) } ?? "-")
            let reason = Table.Cell(instance.observed.reason ?? "")
            guard wide else {
                table.add(name, kind, state, host, cpu, cpuUsed, memory, memoryUsed, reason)
                continue
            }
            let moved =
                instance.movedAt.map { HumanText.age(from: $0, to: now) + " ago" } ?? "never"
            table.add(
                name, kind, state, host, .init(instance.address.map { "\($0)" } ?? "-"), cpu,
                cpuUsed, memory, memoryUsed,
                .init("\(instance.generation.number)"), .init(moved), reason)
        }
        return table
    }

    static func state(_ summary: InstanceSummary) -> Table.Cell {
        guard !summary.orphan else { return .init("orphan", .warning) }
        let observed = summary.instance.observed
        let tone: Tone =
            switch observed {
            case .running: .good
            case .pending, .starting, .stopped, .held: .plain
            case .unhealthy, .unknown: .warning
            case .failed: .bad
            }
        return .init(observed.word, tone)
    }
}
