import ArgumentParser
import ClusterModel
import Wire

/// What this program is.
package enum Release {
    package static let version = "0.1.0"
    /// Version of the protocol that this program speaks.
    package static let `protocol` = 1
}

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
                "ask for the version", access.version, VersionRequest(protocol: Release.protocol))
            await access.close()
        } catch {
            failure = error
        }
        let data: StructuredValue = [
            "client": ["version": .text(Release.version), "protocol": .integer(Release.protocol)],
            "coordinator": coordinator.map {
                ["version": .text($0.version), "protocol": .integer($0.protocol)]
            } ?? .null,
        ]
        shell.answer(data) {
            let own = "huddle       \(Release.version), protocol \(Release.protocol)\n"
            return own
                + (coordinator.map { "coordinator  \($0.version), protocol \($0.protocol)\n" }
                    ?? "")
        }
        // The own version is out in any case: somebody without a cluster asks for it too.
        if let failure { throw failure }
        return .done
    }
}
