import ArgumentParser
import ClusterModel
import Wire

extension HostGroup {
    /// `huddle host sleep`.
    struct Sleep: UserCommand {
        static let configuration = CommandConfiguration(
            abstract: "Switch an empty host off; it is woken when something finds no other room.")

        @Argument(help: ArgumentHelp("The host.", valueName: "host"))
        var host: String

        @OptionGroup var options: GlobalOptions

        func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
            let access = try await shell.connect()
            let id = try await shell.host(named: host, access).host.id
            let reply = try await shell.call(
                "put the host \(host) to sleep", access.sleepHost, HostRequest(host: id))
            shell.tell(reply, done: "\(host) goes to sleep")
            await access.close()
            return .done
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
            let access = try await shell.connect()
            let id = try await shell.host(named: host, access).host.id
            let reply = try await shell.call(
                "wake the host \(host)", access.wakeHost, HostRequest(host: id))
            shell.tell(reply, done: "\(host) is woken")
            await access.close()
            return .done
        }
    }
}
