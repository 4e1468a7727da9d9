import ArgumentParser
import ClusterModel
import Wire

/// `huddle drain`: empties a host and keeps it empty.
struct Drain: UserCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Empty a host and place nothing on it, until huddle restore; the plan is shown first.")

    @Argument(help: ArgumentHelp("The host.", valueName: "host"))
    var host: String

    @Flag(name: .long, help: "Show the plan, and change nothing.")
    var dryRun = false

    @Flag(name: .long, help: "Also move in ways that the specs do not allow.")
    var force = false

    @Flag(name: .long, help: "Do not ask.")
    var yes = false

    @OptionGroup var options: GlobalOptions

    func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        let access = try await shell.connect()
        let what = "drain the host \(host)"
        let id = try await shell.host(named: host, access).host.id
        let preview = try await shell.call(
            what, access.drainHost, DrainHostRequest(host: id, force: force, dryRun: true))
        let run = PlanRun(shell: shell)
        guard !dryRun else {
            run.show(preview)
            await access.close()
            return .done
        }
        if !yes { run.preview(preview) }
        try shell.confirm(["\(host) will take no instance until huddle restore \(host)."], yes: yes)
        let reply = try await shell.call(
            what, access.drainHost, DrainHostRequest(host: id, force: force, dryRun: false))
        try await run.follow(reply, access, shown: !yes)
        let left = try await shell.host(named: host, access).instances
        await access.close()
        guard left == 0 else {
            throw CommandFailure(
                "\(host) is not empty: \(HumanText.count(left, "instance")) could not leave",
                why: PlanRun.staying(reply.plan, on: id),
                remedy:
                    "huddle explain NAME shows each host; "
                    + "--force also moves as the specs do not allow",
                status: .notPlaced)
        }
        shell.notice("\(host) is empty")
        return .done
    }
}
