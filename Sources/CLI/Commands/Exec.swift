import ArgumentParser
import ClusterModel
import Wire

/// `huddle exec`: runs a command in a container.
struct Exec: UserCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Run a command in a container and end with its exit code; 125 is our own failure.",
        discussion: "huddle exec web-0 -it -- sh")

    @Argument(help: ArgumentHelp("An instance, or a workload with one.", valueName: "name"))
    var name: String

    @Flag(name: [.customShort("i"), .long], help: "Pass standard input on.")
    var interactive = false

    @Flag(name: [.customShort("t"), .customLong("tty")], help: "Give the command a terminal.")
    var terminal = false

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("The command, behind --.", valueName: "command"))
    var command: [String] = []

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if command.isEmpty { throw ValidationError("Missing expected argument '-- <command>'") }
    }

    func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        do {
            return try await run(in: shell)
        } catch {
            throw error.ending(.notAttached)
        }
    }

    private func run(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        guard !terminal || shell.surroundings.terminal.inputIsTerminal else {
            throw CommandFailure(
                "nothing was run",
                why: "-t gives the command a terminal, and standard input is none",
                try: "leave -t out")
        }
        let access = try await shell.connect()
        let instance = try await shell.instance(named: name, access).instance.id
        let what = "run '\(command[0])' in \(instance)"
        let session = try await shell.call(
            what, access.exec,
            TerminalStart(instance: instance, command: command, terminal: terminal))
        let attachment = Attachment(
            shell: shell, session: session, what: what, passesInput: interactive,
            isRaw: terminal && interactive, escape: nil)
        let end = try await attachment.run()
        await access.close()
        return end
    }
}

/// `huddle console`: the serial console of a VM.
struct Console: UserCommand {
    static let configuration = CommandConfiguration(
        abstract: "Join the serial console of a VM; Ctrl-] leaves it.")

    @Argument(help: ArgumentHelp("An instance, or a workload with one.", valueName: "name"))
    var name: String

    @OptionGroup var options: GlobalOptions

    func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        do {
            return try await run(in: shell)
        } catch {
            throw error.ending(.notAttached)
        }
    }

    private func run(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        let access = try await shell.connect()
        let instance = try await shell.instance(named: name, access).instance.id
        let what = "join the console of \(instance)"
        let session = try await shell.call(
            what, access.console, TerminalStart(instance: instance, terminal: true))
        let isRaw = shell.surroundings.terminal.inputIsTerminal
        if isRaw { shell.notice("joined the console of \(instance); Ctrl-] leaves it") }
        let attachment = Attachment(
            shell: shell, session: session, what: what, passesInput: true, isRaw: isRaw,
            escape: isRaw ? Attachment.controlRightBracket : nil)
        let end = try await attachment.run()
        await access.close()
        return end
    }
}
