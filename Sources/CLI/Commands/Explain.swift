import ArgumentParser
import ClusterModel
import Wire

/// `huddle explain`: why an instance is where it is.
struct Explain: UserCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Say for every host whether it can have an instance, "
            + "else which rule fails and by how much."
    )

    @Argument(
        help: ArgumentHelp(
            "An instance, or a workload for all of its instances.", valueName: "name"))
    var name: String

    @OptionGroup var options: GlobalOptions

    func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        let access = try await shell.connect()
        var replies: [ExplainReply] = []
        for summary in try await shell.instances(named: name, access) {
            let request = ExplainRequest(instance: summary.instance.id)
            replies.append(
                try await shell.call("explain \(summary.instance.id)", access.explain, request))
        }
        let hosts = try await Self.unconfirmed(replies, shell, access)
        await access.close()
        shell.answer(["instances": .list(replies.map { Self.data($0) })]) {
            replies.map {
                ExplainText(reply: $0).text(width: shell.width, colour: shell.outputColour)
            }
            .joined(separator: "\n") + hosts
        }
        return .done
    }

    /// What hosts that wait to be confirmed lack, where one of them was asked about.
    private static func unconfirmed(
        _ replies: [ExplainReply], _ shell: Shell, _ access: ClusterAccess
    ) async throws(CommandFailure) -> String {
        let isConcerned = replies.contains { reply in
            reply.verdicts.contains { $0.misfit == .hostState(.unconfirmed) }
        }
        guard isConcerned, !shell.isStructured else { return "" }
        let hosts = try await shell.call("list the hosts", access.listHosts, ListRequest()).hosts
        return "\n" + BaselineText(hosts.map(\.host)).waiting
    }

    private static func data(_ reply: ExplainReply) -> StructuredValue {
        [
            "instance": .init(reply.instance),
            "hosts": .list(reply.verdicts.map { StructuredValue($0) }),
            "lastDecision": reply.lastDecision.map { StructuredValue($0) } ?? .null,
        ]
    }
}
