import ArgumentParser
import ClusterModel
import Wire

/// `huddle version`: both versions.
struct Version: UserCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the version of this program and of the coordinator.")

    @OptionGroup var options: GlobalOptions

    func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        var coordinator: VersionReply?
        var failure: CommandFailure?
        do {
            let access = try await shell.connect()
            coordinator = try await shell.call(
                "ask for the version", access.version,
                VersionRequest(protocol: ProtocolVersion.current))
            await access.close()
        } catch {
            failure = error
        }
        let data: StructuredValue = [
            "client": [
                "version": .text(ProtocolVersion.build),
                "protocol": .integer(ProtocolVersion.current),
            ],
            "coordinator": coordinator.map {
                ["version": .text($0.version), "protocol": .integer($0.protocol)]
            } ?? .null,
        ]
        shell.answer(data) {
            let own = "huddle       \(ProtocolVersion.build), protocol \(ProtocolVersion.current)\n"
            return own
                + (coordinator.map { "coordinator  \($0.version), protocol \($0.protocol)\n" }
                    ?? "")
        }
        // The own version is out in any case: somebody without a cluster asks for it too.
        if let failure { throw failure }
        return .done
    }
}
