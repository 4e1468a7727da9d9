import ArgumentParser

extension HostGroup {
    /// `huddle host sleep`.
    struct Sleep: UserCommand {
        static let configuration = CommandConfiguration(
            abstract: "Switch an empty host off; it is woken when something finds no other room.")

        @Argument(help: ArgumentHelp("The host.", valueName: "host"))
        var host: String

        @OptionGroup var options: GlobalOptions

        func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
            try await shell.change(
                host: host, "put the host \(host) to sleep", done: "\(host) goes to sleep"
            ) { $0.sleepHost }
        }
    }

    /// `huddle host wake`.
    struct Wake: UserCommand {
        static let configuration = CommandConfiguration(
            abstract: "Switch a sleeping host on; it takes instances once its agent reports.")

        @Argument(help: ArgumentHelp("The host.", valueName: "host"))
        var host: String

        @OptionGroup var options: GlobalOptions

        func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
            try await shell.change(
                host: host, "wake the host \(host)", done: "\(host) is woken"
            ) { $0.wakeHost }
        }
    }
}
