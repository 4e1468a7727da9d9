import ArgumentParser
import ClusterModel
import Wire

/// `huddle hosts`: lists hosts, what is promised and what is used of each.
struct Hosts: UserCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "List hosts with what is reserved and used; -o wide says what each can do and why not, "
            + "and what their processors have in common.")

    @OptionGroup var options: GlobalOptions

    func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        let access = try await shell.connect()
        try await Self.list(shell, access)
        await access.close()
        return .done
    }

    static func list(_ shell: Shell, _ access: ClusterAccess) async throws(CommandFailure) {
        let reply = try await shell.call("list the hosts", access.listHosts, ListRequest())
        let hosts = reply.hosts.sorted { $0.host.id < $1.host.id }
        guard shell.isStructured || !hosts.isEmpty else {
            shell.notice("no hosts yet; huddle token create makes a token to join one with")
            return
        }
        let now = shell.surroundings.now()
        let data: StructuredValue = [
            "hosts": .list(hosts.map { StructuredValue($0) }),
            "baseline": BaselineText(hosts.map(\.host)).data,
        ]
        shell.answer(data) {
            HostsText(hosts: hosts, now: now)
                .text(wide: shell.isWide, width: shell.width, colour: shell.outputColour)
        }
    }
}

/// `huddle host`: what is done to one host.
struct HostGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host",
        abstract:
            "Remove a host from the cluster, declare it dead, confirm a lesser one, or switch it.",
        subcommands: [Remove.self, Fence.self, Confirm.self, Sleep.self, Wake.self])

    /// `huddle host remove`.
    struct Remove: UserCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget an empty host and refuse its certificate from now on.")

        @Argument(help: ArgumentHelp("The host.", valueName: "host"))
        var host: String

        @Flag(name: .long, help: "Do not ask.")
        var yes = false

        @OptionGroup var options: GlobalOptions

        func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
            let access = try await shell.connect()
            let summary = try await shell.host(named: host, access)
            let instances = HumanText.count(summary.instances, "instance")
            try shell.confirm(
                [
                    "\(host) is \(summary.host.state.rawValue) and has \(instances).",
                    "Its certificate will be refused from now on; "
                        + "to come back it has to join again.",
                ], yes: yes)
            let reply = try await shell.call(
                "remove the host \(host)", access.removeHost, HostRequest(host: summary.host.id))
            shell.tell(reply, done: "\(host) is removed")
            await access.close()
            return .done
        }
    }

    /// `huddle host fence`.
    struct Fence: UserCommand {
        static let configuration = CommandConfiguration(
            abstract: "Declare a silent host dead, so that its instances may start elsewhere.")

        @Argument(help: ArgumentHelp("The host.", valueName: "host"))
        var host: String

        @Flag(name: .long, help: "Do not ask.")
        var yes = false

        @OptionGroup var options: GlobalOptions

        func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
            let access = try await shell.connect()
            let summary = try await shell.host(named: host, access)
            let instances = HumanText.count(summary.instances, "instance")
            try shell.confirm(
                [
                    "\(host) is \(summary.host.state.rawValue) and has \(instances), "
                        + "which may start on other hosts then.",
                    "Make sure that \(host) is off: "
                        + "two running copies of one instance destroy its data.",
                ], yes: yes)
            let reply = try await shell.call(
                "fence the host \(host)", access.fenceHost, HostRequest(host: summary.host.id))
            shell.tell(reply, done: "\(host) is fenced")
            await access.close()
            return .done
        }
    }
}

/// `huddle restore`: ends a drain.
struct Restore: UserCommand {
    static let configuration = CommandConfiguration(
        abstract: "End a drain, so that the host takes instances again; moves nothing.")

    @Argument(help: ArgumentHelp("The host.", valueName: "host"))
    var host: String

    @OptionGroup var options: GlobalOptions

    func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        try await shell.change(
            host: host, "restore the host \(host)", done: "\(host) takes instances again"
        ) { $0.restoreHost }
    }
}
