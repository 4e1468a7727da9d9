import ArgumentParser
import ClusterModel
import Wire

/// `huddle plan`: makes, stores and shows a plan; runs nothing.
struct MakePlan: UserCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Make a plan, store it and show it with its id; huddle pack --plan ID runs it.")

    @Option(name: .long, help: ArgumentHelp("Plan to empty this host.", valueName: "host"))
    var drain: String?

    @Option(name: .long, help: ArgumentHelp("Plan to cool this host.", valueName: "host"))
    var relieve: String?

    @Flag(
        name: .long,
        help: "Plan the fewest moves after which no rule is broken where instances are.")
    var repair = false

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if [drain != nil, relieve != nil, repair].count(where: { $0 }) > 1 {
            throw ValidationError(
                "--drain, --relieve and --repair are several plans; give one of them")
        }
    }

    func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        let access = try await shell.connect()
        let reason: Plan.Reason
        if let drain {
            reason = .drain(try await shell.host(named: drain, access).host.id)
        } else if let relieve {
            reason = .relieve(try await shell.host(named: relieve, access).host.id)
        } else {
            reason = repair ? .repair : .pack
        }
        let reply = try await shell.call(
            "make a plan", access.makePlan, MakePlanRequest(reason: reason))
        PlanRun(shell: shell).show(reply)
        if !reply.plan.steps.isEmpty { shell.notice("huddle pack --plan \(reply.plan.id) runs it") }
        await access.close()
        return .done
    }
}

/// `huddle pack`: plans, shows, asks and runs.
struct Pack: UserCommand {
    static let configuration = CommandConfiguration(
        abstract: "Pack the workloads onto fewer hosts: plan, show, ask, run.",
        discussion: """
            With policy mode=auto the cluster does this by itself, and relieves hot hosts;
            --pause keeps it from starting anything until --resume, and touches no plan that
            a user runs.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Run exactly this stored plan, or refuse if the cluster changed.", valueName: "id"))
    var plan: String?

    @Flag(name: .long, help: "Do not ask.")
    var yes = false

    @Flag(name: .long, help: "Let nothing start by itself; moves under way go on to their end.")
    var pause = false

    @Flag(name: .long, help: "End a pause.")
    var resume = false

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard pause || resume else { return }
        if pause && resume || plan != nil || yes {
            throw ValidationError("--pause and --resume stand alone")
        }
    }

    func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        if pause || resume { return try await setPause(in: shell) }
        let access = try await shell.connect()
        let reply: PlanReply
        if let plan {
            reply = try await shell.call(
                "get the plan \(plan)", access.getPlan, PlanRequest(id: PlanID(plan)))
            try Self.refuseUnlessStored(reply)
            if reply.origin == .loop, reply.state == .stored {
                shell.notice("the cluster suggested this plan: \(reply.reason)")
            }
        } else {
            reply = try await shell.call(
                "make a plan", access.makePlan, MakePlanRequest(reason: .pack))
        }
        let run = PlanRun(shell: shell)
        guard !reply.plan.steps.isEmpty else {
            run.show(reply)
            await access.close()
            return .done
        }
        if !yes {
            run.preview(reply)
            try shell.confirm(
                ["\(HumanText.count(reply.plan.steps.count, "step")) will be run."], yes: false)
        }
        try await run.follow(reply, access, shown: !yes)
        await access.close()
        return .done
    }

    private func setPause(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        let access = try await shell.connect()
        let reply = try await shell.call(
            pause ? "pause automatic moves" : "resume automatic moves", access.pauseLoop,
            PauseRequest(paused: pause))
        await access.close()
        for note in reply.notes { shell.notice("note: \(note)") }
        shell.answer(["paused": .bool(pause), "revision": .unsigned(reply.revision.number)]) {
            pause ? "automatic moves are paused\n" : "automatic moves are not paused\n"
        }
        return .done
    }

    private static func refuseUnlessStored(_ reply: PlanReply) throws(CommandFailure) {
        switch reply.state {
        case .stored, .running: return
        case .done, .failed, .stale:
            throw CommandFailure(
                "the plan \(reply.plan.id) cannot be run",
                why: "it is \(reply.state.word)\(reply.reason.isEmpty ? "" : ": \(reply.reason)")",
                try: "huddle plan makes a new one", .conflict)
        }
    }
}

/// `huddle migrate`: moves one instance.
struct Migrate: UserCommand {
    static let configuration = CommandConfiguration(abstract: "Move one instance to another host.")

    @Argument(help: ArgumentHelp("An instance, or a workload with one.", valueName: "name"))
    var name: String

    @Option(
        name: .long,
        help: ArgumentHelp("The host to go to. (default: the best one)", valueName: "host"))
    var to: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "live, relocate or restart. (default: the best allowed one)", valueName: "mode"))
    var mode: MoveMode?

    @OptionGroup var options: GlobalOptions

    func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        let access = try await shell.connect()
        let instance = try await shell.instance(named: name, access).instance.id
        var target: HostID?
        if let to { target = try await shell.host(named: to, access).host.id }
        let reply = try await shell.call(
            "plan the move of \(instance)", access.makePlan,
            MakePlanRequest(reason: .move(instance), toHost: target, mode: mode))
        guard !reply.plan.steps.isEmpty else {
            let rationale = reply.plan.rationale.first { $0.instance == instance }
            let refusals = rationale.map { PlanText.refusals($0) } ?? []
            let decision = rationale.map { PlanText.words($0.decision) } ?? "the plan has no step"
            throw CommandFailure(
                "\(instance) was not moved", why: refusals.isEmpty ? [decision] : refusals,
                remedy:
                    "huddle explain \(instance) shows each host; "
                    + "move.allow and move.converge in its spec say what may be done",
                status: .conflict)
        }
        try await PlanRun(shell: shell).follow(reply, access, shown: false)
        await access.close()
        return .done
    }
}

extension MoveMode: ExpressibleByArgument {}
