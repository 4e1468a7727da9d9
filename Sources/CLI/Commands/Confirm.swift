import ArgumentParser
import ClusterModel
import Wire

extension HostGroup {
    /// `huddle host confirm`.
    struct Confirm: UserCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a new host take instances although it lowers the cluster's CPU baseline."
        )

        @Argument(help: ArgumentHelp("The host.", valueName: "host"))
        var host: String

        @Flag(name: .long, help: "Do not ask.")
        var yes = false

        @OptionGroup var options: GlobalOptions

        func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
            let access = try await shell.connect()
            let summary = try await shell.host(named: host, access)
            let waits = summary.host.state == .unconfirmed
            if waits {
                let hosts = try await shell.call(
                    "list the hosts", access.listHosts, ListRequest()
                ).hosts.map(\.host)
                try shell.confirm(
                    [
                        "\(host) lowers \(BaselineText(hosts).lowering(summary.host)).",
                        "What started on a host that has them does not go there live; "
                            + "what starts there goes anywhere.",
                    ], yes: yes)
            }
            let reply = try await shell.call(
                "confirm the host \(host)", access.confirmHost, HostRequest(host: summary.host.id))
            shell.tell(reply, done: waits ? "\(host) takes instances" : "\(host) stays as it is")
            await access.close()
            return .done
        }
    }
}
