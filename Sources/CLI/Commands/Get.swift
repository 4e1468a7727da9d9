import ArgumentParser
import ClusterModel
import Specs
import Wire

/// `huddle get`: lists workloads or instances, or shows one.
struct Get: UserCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "List workloads or instances, or show one; -o yaml writes specs that apply reads back.")

    @Argument(
        help: ArgumentHelp(
            "'workloads', 'instances', or the name of one. (default: workloads)", valueName: "what")
    )
    var what: String?

    @OptionGroup var options: GlobalOptions

    func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        let access = try await shell.connect()
        switch what {
        case nil, "workload", "workloads": try await workloads(shell, access)
        case "instance", "instances": try await instances(shell, access)
        case "host", "hosts": try await Hosts.list(shell, access)
        case .some(let name): try await one(name, shell, access)
        }
        await access.close()
        return .done
    }

    private func workloads(_ shell: Shell, _ access: ClusterAccess) async throws(CommandFailure) {
        let reply = try await shell.call("list the workloads", access.listWorkloads, ListRequest())
        let summaries = reply.workloads.sorted { $0.workload.name < $1.workload.name }
        shell.answer(
            ["workloads": .list(summaries.map { StructuredValue($0) })],
            yaml: WorkloadText.write(summaries.map(\.workload)),
            table: WorkloadsText.table(summaries, wide: shell.isWide), isEmpty: summaries.isEmpty,
            empty: "no workloads yet; huddle apply -f FILE makes some")
    }

    private func instances(_ shell: Shell, _ access: ClusterAccess) async throws(CommandFailure) {
        let reply = try await shell.call("list the instances", access.listInstances, ListRequest())
        let summaries = reply.instances.sorted { $0.instance.id < $1.instance.id }
        let now = shell.surroundings.now()
        shell.answer(
            ["instances": .list(summaries.map { StructuredValue($0) })],
            table: InstancesText.table(summaries, wide: shell.isWide, now: now),
            isEmpty: summaries.isEmpty, empty: "no instances yet; huddle apply -f FILE makes some")
    }

    private func one(_ name: String, _ shell: Shell, _ access: ClusterAccess)
        async throws(CommandFailure)
    {
        let reply = try await shell.call("list the workloads", access.listWorkloads, ListRequest())
        if let summary = reply.workloads.first(where: { $0.workload.name.rawValue == name }) {
            shell.answer(StructuredValue(summary), yaml: WorkloadText.write(summary.workload)) {
                WorkloadsText.table([summary], wide: shell.isWide)
                    .text(width: shell.width, colour: shell.outputColour)
            }
            return
        }
        let instance = try await shell.instance(named: name, access)
        let now = shell.surroundings.now()
        shell.answer(StructuredValue(instance)) {
            InstancesText.table([instance], wide: shell.isWide, now: now)
                .text(width: shell.width, colour: shell.outputColour)
        }
    }
}
