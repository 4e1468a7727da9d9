import ArgumentParser
import ClusterModel
import Specs
import Wire

/// `huddle describe`: everything about one workload, instance or host.
struct Describe: UserCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show everything about one workload, instance or host.")

    @Argument(help: ArgumentHelp("A workload, an instance or a host.", valueName: "name"))
    var name: String

    @OptionGroup var options: GlobalOptions

    func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        let access = try await shell.connect()
        let workloads = try await shell.call(
            "list the workloads", access.listWorkloads, ListRequest()
        )
        .workloads
        let instances = try await shell.call(
            "list the instances", access.listInstances, ListRequest()
        )
        .instances.sorted { $0.instance.id < $1.instance.id }
        let hosts = try await shell.call("list the hosts", access.listHosts, ListRequest()).hosts
        await access.close()
        let picture = Picture(
            shell: shell, instances: instances, baseline: BaselineText(hosts.map(\.host)))
        if let summary = workloads.first(where: { $0.workload.name.rawValue == name }) {
            picture.show(summary)
        } else if let summary = instances.first(where: { $0.instance.id.rawValue == name }) {
            picture.show(summary)
        } else if let summary = hosts.first(where: { $0.host.id.rawValue == name }) {
            picture.show(summary)
        } else {
            let names =
                workloads.map(\.workload.name.rawValue) + instances.map(\.instance.id.rawValue)
                + hosts.map(\.host.id.rawValue)
            throw Shell.unknown("workload, instance or host", name, among: names)
        }
        return .done
    }

    /// Writes one thing with the instances that belong to it.
    private struct Picture {
        let shell: Shell
        let instances: [InstanceSummary]
        let baseline: BaselineText

        func show(_ summary: WorkloadSummary) {
            let own = instances.filter { $0.instance.workload == summary.workload.name }
            let data: StructuredValue = [
                "what": "workload", "workload": .init(summary),
                "instances": .list(own.map { StructuredValue($0) }),
            ]
            shell.answer(data) {
                WorkloadText.write(summary.workload) + moves(summary.moves) + rows(own)
            }
        }

        func show(_ summary: InstanceSummary) {
            let instance = summary.instance
            let now = shell.surroundings.now()
            let facts = [
                ("instance", instance.id.rawValue), ("workload", instance.workload.rawValue),
                ("kind", summary.kind.rawValue),
                ("state", summary.orphan ? "orphan" : instance.observed.word),
                ("reason", instance.observed.reason ?? "-"), ("desired", instance.desired.rawValue),
                ("host", instance.host?.rawValue ?? "-"),
                ("generation", "\(instance.generation.number)"),
                (
                    "moved",
                    instance.movedAt.map { "\(HumanText.age(from: $0, to: now)) ago" } ?? "never"
                ),
                ("reserved", HumanText.resources(summary.reserved)), ("used", used(summary.use)),
            ]
            shell.answer(["what": "instance", "instance": .init(summary)]) { Self.lines(facts) }
        }

        func show(_ summary: HostSummary) {
            let host = summary.host
            let own = instances.filter { $0.instance.host == host.id }
            let data: StructuredValue = [
                "what": "host", "host": .init(summary),
                "instances": .list(own.map { StructuredValue($0) }),
            ]
            let now = shell.surroundings.now()
            let facts = [
                ("host", host.id.rawValue), ("state", host.state.rawValue),
                (
                    "heard",
                    summary.heardAt.map { "\(HumanText.age(from: $0, to: now)) ago" } ?? "never"
                ),
                ("labels", "\(host.labels)"), ("taints", "\(host.taints)"),
                ("address", summary.address),
                ("agent", summary.version), ("architecture", host.capacity.architecture),
                ("kernel", host.capacity.kernel),
                ("capacity", HumanText.resources(host.capacity.total)),
                ("kept for itself", HumanText.resources(host.capacity.hostReserve)),
                ("reserved", HumanText.resources(summary.reserved)), ("used", used(summary.use)),
            ]
            let wake = host.capacity.wakeTime.map { [("wakes in", $0.notation)] } ?? []
            let standing = baseline.standing(host).map { [("CPU baseline", $0)] } ?? []
            let abilities = host.capacity.capabilities.map { capability in
                let detail = HostsText.detail(capability, host.capacity)
                let word = capability.available ? "yes" : "no"
                return (
                    "can \(capability.name.rawValue)", detail.isEmpty ? word : "\(word), \(detail)"
                )
            }
            shell.answer(data) { Self.lines(facts + wake + standing + abilities) + rows(own) }
        }

        /// What its last moves came to, the newest first.
        private func moves(_ reports: [MoveReport]) -> String {
            guard !reports.isEmpty else { return "" }
            let now = shell.surroundings.now()
            let lines = reports.reversed().map { report in
                "  \(report.instance) \(report.source) → \(report.target) (\(report.mode.rawValue)) "
                    + "\(HumanText.age(from: report.endedAt, to: now)) ago: \(report.words)\n"
            }
            return "\nmoves\n" + lines.joined()
        }

        private func rows(_ instances: [InstanceSummary]) -> String {
            guard !instances.isEmpty else { return "\nno instances\n" }
            let now = shell.surroundings.now()
            return "\n"
                + InstancesText.table(instances, wide: shell.isWide, now: now)
                .text(width: shell.width, colour: shell.outputColour)
        }

        private func used(_ use: Use?) -> String {
            guard let use else { return "not measured yet" }
            let cpu = HumanText.cpu(CPU(millicores: use.cpu.mean))
            let pressure = use.pressure.map { pressure in
                let scope = pressure.scope == .machine ? " of the whole machine" : ""
                return ", CPU pressure \(pressure.cpu.notation)\(scope)"
            }
            return "\(cpu) CPU, \(HumanText.bytes(Bytes(use.memory.mean))) memory\(pressure ?? "")"
        }

        private static func lines(_ facts: [(name: String, value: String)]) -> String {
            let width = facts.map(\.name.count).max() ?? 0
            return facts.map { fact in
                let padding = String(repeating: " ", count: width - fact.name.count)
                return "\(fact.name)\(padding)  \(fact.value.isEmpty ? "-" : fact.value)\n"
            }.joined()
        }
    }
}
