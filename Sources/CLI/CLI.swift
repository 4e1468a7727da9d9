package import ArgumentParser
import RPC
import Specs
import Wire

/// The user's side of Huddle, as the executable composes it.
package enum CLI {
    /// Every command for users; the executable adds its services to them.
    package static let userCommands: [any ParsableCommand.Type] = [
        Apply.self, Get.self, Describe.self, Delete.self, Logs.self, Exec.self, Console.self,
        Hosts.self, HostGroup.self, Drain.self, Restore.self, MakePlan.self, Pack.self,
        Migrate.self, Moves.self, Explain.self, Events.self, PolicyGroup.self, TokenGroup.self,
        ImageGroup.self, Simulate.self, Record.self, Version.self,
    ]

    /// The configuration of a root command with `services` beside the user's commands.
    ///
    /// The root has to hold `@OptionGroup var options: GlobalOptions`, so that the options may also
    /// stand
    /// before the command's name; its services must not use the same option names for anything
    /// else.
    package static func configuration(
        adding services: [any ParsableCommand.Type] = []
    ) -> CommandConfiguration {
        CommandConfiguration(
            commandName: "huddle",
            abstract: "Packs virtual machines and containers onto as few hosts as is safe.",
            discussion: """
                Data goes to standard output and everything else to standard error.
                Exit codes: 0 done, 1 other, 2 accepted but not placed, 3 timed out,
                4 not found, 5 conflict or stale, 6 not allowed, 7 coordinator
                unreachable, 64 usage.
                """,
            version: ProtocolVersion.build,
            subcommands: userCommands + services)
    }

    /// Parses `arguments`, which do not hold the program's name, runs what they say and gives the
    /// exit code.
    package static func run<Root: ParsableCommand>(
        _ root: Root.Type, arguments: [String], in surroundings: Surroundings
    ) async -> ExitStatus {
        var command: any ParsableCommand
        do {
            command = try root.parseAsRoot(arguments)
        } catch {
            return tell(root, error, in: surroundings)
        }
        if let command = command as? any UserCommand {
            return await perform(command, in: surroundings)
        }
        do {
            if var service = command as? any AsyncParsableCommand {
                try await service.run()
            } else {
                try command.run()
            }
            return .done
        } catch {
            return tell(root, error, in: surroundings)
        }
    }

    /// Runs one of the user's commands; a failure becomes three lines on standard error.
    static func perform(
        _ command: some UserCommand, in surroundings: Surroundings
    ) async -> ExitStatus {
        let shell = Shell(surroundings: surroundings, options: command.options)
        do {
            return try await command.perform(in: shell)
        } catch {
            surroundings.write(.error, Array(error.text(colour: shell.errorColour).utf8))
            return error.status
        }
    }

    /// Help goes to standard output, a mistake in the command line to standard error in our three
    /// lines.
    private static func tell<Root: ParsableCommand>(
        _ root: Root.Type, _ error: any Error, in surroundings: Surroundings
    ) -> ExitStatus {
        let code = root.exitCode(for: error)
        let message = root.fullMessage(for: error)
        guard code == .validationFailure else {
            let text = message.isEmpty || message.hasSuffix("\n") ? message : message + "\n"
            surroundings.write(code.isSuccess ? .output : .error, Array(text.utf8))
            return ExitStatus(code.rawValue)
        }
        if let failure = unknownCommand(root, root.message(for: error)) {
            surroundings.write(.error, Array(failure.text(colour: false).utf8))
            return .usage
        }
        let usage = message.split(separator: "\n").first { $0.hasPrefix("Usage: ") }
        let failure = CommandFailure(
            root.message(for: error),
            why: "the usage is \(usage?.dropFirst(7) ?? "huddle COMMAND")",
            try: usage.map { "\(help(for: $0.dropFirst(7)))" } ?? "huddle --help", .usage)
        surroundings.write(.error, Array(failure.text(colour: false).utf8))
        return .usage
    }

    /// A misspelt command, which ArgumentParser only calls an unexpected argument of the root.
    private static func unknownCommand<Root: ParsableCommand>(
        _ root: Root.Type, _ message: String
    ) -> CommandFailure? {
        let parts = message.split(separator: "'", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "Unexpected argument " else { return nil }
        let word = String(parts[1])
        let names = root.configuration.subcommands.map {
            $0.configuration.commandName ?? String(describing: $0).lowercased()
        }
        guard !names.contains(word), let nearest = Spelling.nearest(to: word, among: names) else {
            return nil
        }
        return CommandFailure(
            "there is no command '\(word)'", why: "nothing of this name is known",
            try: "huddle \(nearest)", .usage)
    }

    /// `huddle host remove --help` for the usage line of that command.
    private static func help(for usage: Substring) -> String {
        let words = usage.split(separator: " ").prefix { word in
            !word.hasPrefix("[") && !word.hasPrefix("<") && !word.hasPrefix("-")
        }
        return words.joined(separator: " ") + " --help"
    }
}

/// A command that a user gives to a cluster.
protocol UserCommand: AsyncParsableCommand {
    var options: GlobalOptions { get }

    /// Does what the command says; the status of a failure is in its error.
    func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus
}

extension UserCommand {
    /// Runs with the process's own streams, for a root that is started in ArgumentParser's own way.
    package func run() async throws {
        let status = await CLI.perform(self, in: .process)
        if status != .done { throw ExitCode(status.code) }
    }
}

/// The root command without services; what the executable adds to is `CLI.configuration`.
package struct HuddleCommand: AsyncParsableCommand {
    package static let configuration = CLI.configuration()

    @OptionGroup var options: GlobalOptions

    package init() {}
}
