import ArgumentParser
import ClusterModel
import Specs
import Wire

/// `huddle apply`: makes workloads be as files say.
struct Apply: UserCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make workloads be as the files say; does nothing where nothing changed.")

    @Option(
        name: [.customShort("f"), .long],
        help: ArgumentHelp(
            "A file, a directory of files, or - for standard input; may be repeated.",
            valueName: "file"))
    var file: [String]

    @Flag(name: .long, help: "Show what would change, and change nothing.")
    var dryRun = false

    @Option(
        name: .long,
        help: ArgumentHelp("Place new instances on this host, once.", valueName: "host"))
    var on: String?

    @Flag(name: .long, help: "Wait until every instance runs, for 5m or as long as --timeout says.")
    var wait = false

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if file.isEmpty { throw ValidationError("Missing expected argument '-f <file>'") }
    }

    func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        let workloads: [Workload]
        let texts = try shell.readSpecs(file)
        do {
            workloads = try WorkloadFiles.read(texts)
        } catch {
            throw CommandFailure(error, in: "applied")
        }
        guard !workloads.isEmpty else {
            throw CommandFailure(
                "nothing was applied", why: "the files hold no document",
                try: "write a workload, see README")
        }
        let access = try await shell.connect()
        let wait = wait && !dryRun
        let before = wait ? try await InstanceWait.generations(shell, access) : [:]
        let reply = try await shell.call(
            "apply", access.apply,
            ApplyRequest(workloads: workloads, dryRun: dryRun, onHost: on.map { HostID($0) }))
        show(reply, shell)
        if wait {
            try await InstanceWait(shell: shell, changes: reply, before: before)
                .run(workloads, access)
        }
        await access.close()
        try judge(reply)
        return .done
    }

    private func show(_ reply: ApplyReply, _ shell: Shell) {
        let data: StructuredValue = [
            "dryRun": .bool(dryRun),
            "revision": .unsigned(reply.revision.number),
            "changes": .list(reply.changes.map { StructuredValue($0) }),
            "pending": .list(reply.pending.map { StructuredValue($0) }),
        ]
        shell.answer(data) {
            reply.changes.map {
                ChangeText(change: $0, isDryRun: dryRun).text(colour: shell.outputColour)
            }
            .joined()
        }
    }

    /// What waits for room is accepted, but whoever asked for it has to know.
    private func judge(_ reply: ApplyReply) throws(CommandFailure) {
        guard !reply.pending.isEmpty else { return }
        let names = reply.pending.map(\.instance.rawValue)
        let causes = reply.pending.flatMap { rationale in
            PlanText.refusals(rationale).map { "\(rationale.instance): \($0)" }
        }
        let count = HumanText.count(names.count, "instance")
        throw CommandFailure(
            "\(dryRun ? "would be accepted" : "accepted"), and no host can have \(count) now: "
                + names.joined(separator: ", "),
            why: causes.isEmpty ? ["no host is ready"] : causes,
            remedy:
                "huddle explain \(names[0]) shows each host; it starts as soon as one can have it",
            status: .notPlaced)
    }
}
