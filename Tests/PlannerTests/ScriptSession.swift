import ClusterModel
import PlanAudit
import Planner

/// The state of a script while it is replayed: the cluster, the last plan and what was said.
struct ScriptSession {
    private(set) var transcript: [String] = []
    private var world = World()
    private var last: Plan?
    private var forced = false

    private var planner: Planner { Planner(policy: world.policy, changed: Revision(3)) }

    mutating func run(_ verb: String, _ words: [String], _ line: String) throws {
        let arguments = try ScriptArguments(words, line)
        switch verb {
        case "policy": world.policy = try arguments.policy(from: world.policy)
        case "host": try addHost(arguments)
        case "vm": try addWorkload(arguments, .vm)
        case "container": try addWorkload(arguments, .container)
        case "reserve": try addReservation(arguments)
        case "pack", "drain", "relieve", "place", "move", "repair", "rest":
            try plan(verb, arguments, line)
        case "explain": explain(try arguments.subject())
        case "change": try change(try arguments.subject())
        case "audit": audit()
        case "run": carryOut()
        default: throw Script.Malformed(line: line, problem: "no such command")
        }
    }

    private mutating func addHost(_ arguments: ScriptArguments) throws {
        let drivers = arguments["drivers"].map { names in
            names.split(separator: ",").compactMap { Capability.Name(rawValue: String($0)) }
        }
        world.add(
            host: try arguments.subject(), cpu: try arguments.millicores("cpu") ?? 1000,
            memory: try arguments.mebibytes("mem") ?? 2048, labels: try arguments.labels("labels"),
            taints: try arguments.labels("taints"),
            state: try arguments.choice("state") ?? .ready,
            architecture: arguments["arch"] ?? "x86_64", drivers: drivers ?? [.podman, .qemu],
            used: try arguments.millicores("used"),
            wakeTime: try arguments.number("wake").map { .seconds($0) })
    }

    private mutating func addWorkload(_ arguments: ScriptArguments, _ kind: Workload.Kind) throws {
        let places = arguments["on"]?.split(separator: ",").map(String.init)
        let count = try arguments.number("count") ?? 1
        let workload = try Workload(
            kind: kind, name: WorkloadID(try arguments.subject()), count: count,
            labels: Labels(try arguments.labels("labels")), image: .named("image"),
            storage: try arguments.storage(),
            size: Resources(
                cpu: CPU(millicores: try arguments.millicores("cpu") ?? 100),
                memory: .mebibytes(try arguments.mebibytes("mem") ?? 64)),
            rules: Rules(
                need: Labels(try arguments.labels("need")),
                avoid: Labels(try arguments.labels("avoid")),
                prefer: Labels(try arguments.labels("prefer")),
                apart: Labels(try arguments.labels("apart")),
                together: Labels(try arguments.labels("together")), spread: arguments["spread"],
                tolerate: Labels(try arguments.labels("tolerate")),
                priority: try arguments.number("priority") ?? 0),
            move: MovePreference(allow: [try arguments.choice("allow") ?? .restart]),
            onHostLoss: arguments["within"] == nil ? .wait : .restart,
            recoveryTime: try arguments.number("within").map { .seconds($0) })
        let movedAt = try arguments.number("moved").map {
            Instant(milliseconds: world.now.milliseconds - Int64($0) * 60_000)
        }
        for index in 0..<count {
            world.add(
                workload, index: index,
                on: places.flatMap { index < $0.count ? $0[index] : $0.last },
                movedAt: movedAt)
        }
    }

    private mutating func addReservation(_ arguments: ScriptArguments) throws {
        guard let host = arguments["on"] else {
            throw Script.Malformed(line: "reserve", problem: "on= is missing")
        }
        world.reservations.append(
            Snapshot.Reservation(
                plan: PlanID("other"), instance: InstanceID(try arguments.subject()),
                host: HostID(host)))
    }

    private mutating func plan(_ verb: String, _ arguments: ScriptArguments, _ line: String) throws
    {
        transcript.append("> \(line)")
        forced = arguments.flags.contains("force")
        do {
            let plan = try makePlan(verb, arguments)
            last = plan
            transcript += Rendering.lines(of: plan)
            audit()
        } catch let failure as PlanningFailure {
            last = nil
            transcript.append("  no plan: \(Rendering.text(failure))")
        }
    }

    private func makePlan(_ verb: String, _ arguments: ScriptArguments) throws -> Plan {
        let snapshot = world.snapshot
        let id = PlanID("p1")
        let subjects = try arguments.subject().split(separator: ",").map(String.init)
        switch verb {
        case "pack":
            return try planner.pack(
                snapshot, id: id, seed: 1, calm: arguments.flags.contains("calm"))
        case "drain":
            return try planner.drain(
                HostID(subjects[0]), in: snapshot, id: id, seed: 1, force: forced)
        case "relieve":
            return try planner.relieve(
                HostID(subjects[0]), in: snapshot, id: id, seed: 1,
                calm: arguments.flags.contains("calm"))
        case "repair": return try planner.repair(snapshot, id: id, seed: 1)
        case "rest": return try planner.rest(HostID(subjects[0]), in: snapshot, id: id)
        case "place":
            return try planner.place(
                subjects.map { InstanceID($0) }, in: snapshot,
                on: arguments["on"].map { HostID($0) }, id: id, seed: 1)
        default:
            return try planner.move(
                InstanceID(subjects[0]), to: arguments["to"].map { HostID($0) },
                mode: try arguments.choice("mode"), in: snapshot, id: id, seed: 1)
        }
    }

    private mutating func explain(_ instance: String) {
        transcript.append("> explain \(instance)")
        for verdict in planner.explain(InstanceID(instance), in: world.snapshot) {
            transcript.append("  " + Rendering.text(verdict))
        }
    }

    /// Something about `host` changes after the last plan was made.
    private mutating func change(_ host: String) throws {
        transcript.append("> change \(host)")
        world.revision = world.revision.next
        let revision = world.revision
        world.hosts = world.hosts.map { view in
            guard view.id.rawValue == host else { return view }
            return Snapshot.HostView(host: view.host, changed: revision, use: view.use)
        }
    }

    private mutating func audit() {
        guard let last else { return }
        let found = PlanAudit(policy: world.policy)
            .violations(of: last, in: world.snapshot, forced: forced)
        transcript.append(found.isEmpty ? "  audit ok" : "  audit: \(found)")
    }

    private mutating func carryOut() {
        transcript.append("> run")
        for step in last?.steps ?? [] { world.carryOut(step) }
        last = nil
    }
}
