import ArgumentParser
import ClusterModel
import Specs
import Wire

/// `huddle token`: what hosts join with.
struct TokenGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make a token that one host joins with.",
        subcommands: [Create.self])

    /// `huddle token create`.
    struct Create: UserCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a token that one host may join with, once.")

        @Option(
            name: .long,
            help: ArgumentHelp("How long it may be used. (default: 1h)", valueName: "duration"),
            transform: ArgumentReading.duration)
        var ttl: Duration?

        @OptionGroup var options: GlobalOptions

        private static let standardLifetime = Duration.seconds(3600)

        func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
            let lifetime = ttl ?? Self.standardLifetime
            let access = try await shell.connect()
            let reply = try await shell.call(
                "create a token", access.createToken, CreateTokenRequest(lifetime: lifetime))
            await access.close()
            let data: StructuredValue = [
                "token": .text(reply.token), "expiresAtMilliseconds": .init(reply.expiresAt),
            ]
            shell.answer(data) { reply.token + "\n" }
            shell.notice(
                "one host may join with it, once, until \(HumanText.time(reply.expiresAt)); "
                    + "it is not shown again"
            )
            return .done
        }
    }
}
