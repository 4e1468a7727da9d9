import ArgumentParser
import ClusterModel
import Wire

/// `huddle delete`: removes a workload.
struct Delete: UserCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Remove a workload and its instances; its volumes and further disks stay unless told otherwise."
    )

    @Argument(help: ArgumentHelp("The workload.", valueName: "name"))
    var name: String

    @Flag(name: .long, help: "Remove its volumes and further disks too; never what hosts share.")
    var volumes = false

    @Flag(name: .long, help: "Do not ask.")
    var yes = false

    @OptionGroup var options: GlobalOptions

    func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        let access = try await shell.connect()
        let all = try await shell.call("list the workloads", access.listWorkloads, ListRequest())
            .workloads
        guard let summary = all.first(where: { $0.workload.name.rawValue == name }) else {
            throw Shell.unknown("workload", name, among: all.map(\.workload.name.rawValue))
        }
        let instances = HumanText.count(summary.workload.count, "instance")
        try shell.confirm(
            [
                "\(name), a \(summary.workload.kind.rawValue) with \(instances), "
                    + "will stop and be removed.",
                fate(of: summary.workload),
            ],
            yes: yes)
        let reply = try await shell.call(
            "delete \(name)", access.deleteWorkload,
            DeleteWorkloadRequest(name: summary.workload.name, volumes: volumes))
        shell.tell(reply, done: "\(name) is removed")
        await access.close()
        return .done
    }

    /// What becomes of what it wrote.
    private func fate(of workload: Workload) -> String {
        var shared: [String] = []
        for place in workload.storage.sharedPlaces where !shared.contains(place.directory) {
            shared.append(place.directory)
        }
        let own = fateOfItsOwn(workload)
        guard !shared.isEmpty else { return own }
        return own + " What hosts share is not touched: \(shared.joined(separator: ", "))."
    }

    private func fateOfItsOwn(_ workload: Workload) -> String {
        let isVM = workload.kind == .vm
        guard !workload.storage.lasting.isEmpty else {
            if !workload.storage.volumes.isEmpty { return "It has no volumes of its own." }
            guard isVM else { return "It has no volumes." }
            return workload.storage.sharedDisks.isEmpty
                ? "It has no disks but its root disk, which goes too."
                : "It has no disks of its own but its root disk, which goes too."
        }
        if volumes {
            return isVM
                ? "All its disks are removed with everything in them."
                : "Its volumes are removed with everything in them."
        }
        return isVM
            ? "Its further disks are kept where it runs; its root disk is not."
            : "Its volumes are kept where it runs."
    }
}
