import ClusterModel
import ControlCore
import Simulator

/// A cluster engine with its store; the planner and the auditor answer at once, hosts say what the script says.
struct ClusterSession: ScriptSession {
    private var now = Instant(milliseconds: 1_000_000)
    private var store = SimulatedStore()
    private var engine: ClusterEngine
    private var lastRequest: UInt64 = 0
    private var lastSession: UInt64 = 0
    private var sessions: [HostID: SessionID] = [:]
    /// Orders that wait for an answer, by move.
    private var orders: [MoveID: (host: HostID, order: MoveOrderNote)] = [:]
    /// What the next answer of a move tells.
    private var measured = MoveMeasure.nothing
    private var isStoreFull = false
    private var isThinking = true
    /// Whether the auditor finds something in every plan with steps.
    private var isAuditorStrict = false
    /// Processor time of each host, in per cent of what it has.
    private var loads: [HostID: UInt64] = [:]
    /// Part of the time in which each instance is held back, in per cent.
    private var strains: [InstanceID: UInt64] = [:]
    private var stalls: [InstanceID: Pressure] = [:]
    /// MiB in use, MiB a second that change, and MiB that change again and again, of each instance.
    private var carried: [InstanceID: [UInt64]] = [:]
    private var jobs: [PlanJob] = []
    private var said: [String] = []

    init() {
        _ = store.transact([
            .putPolicy(Policy(mode: .off, demand: .reserved, reserve: .hosts(0), rest: .zero))
        ])
        engine = ClusterEngine(state: store.state, hasPower: true, now: now, seed: 1)
    }

    mutating func run(_ verb: String, _ words: [String]) throws -> [String] {
        said = []
        let arguments = ScriptWords(words)
        switch verb {
        case "host":
            let zone = arguments["zone"].map { Labels([Label(name: "zone", value: $0)]) }
            ask(.admit(HostID(words[0]), labels: zone ?? .none))
            connect(words[0], arguments)
        case "connect": connect(words[0], arguments)
        case "disconnect":
            let host = HostID(words[0])
            if let session = sessions.removeValue(forKey: host) {
                handle(.disconnected(host, session))
            }
        case "probes":
            let host = HostID(words[0])
            if let session = sessions[host] {
                handle(.said(host, session, .capacity(Self.capacity(arguments))))
            }
        case "says": try says(words)
        case "settle": settle(words)
        case "ok", "fail", "refuse": try answerOrder(verb, words)
        case "after":
            for _ in 0..<(try ScriptWords.seconds(words)) {
                now = now.advanced(by: .seconds(1))
                for (host, session) in sessions.sorted(by: { $0.key < $1.key })
                where !words.contains("silent=\(host)") {
                    handle(
                        .said(
                            host, session,
                            .report(host: use(of: host), instances: uses(on: host), images: [])),
                        quietly: true)
                }
                handle(.tick, quietly: true)
            }
        case "load":
            for (host, percent) in arguments.pairs { loads[HostID(host)] = UInt64(percent) ?? 0 }
        case "strain":
            for (id, percent) in arguments.pairs {
                strains[InstanceID(id)] = UInt64(percent) ?? 0
            }
        case "stall":
            for (id, percent) in arguments.pairs {
                stalls[InstanceID(id)] = Pressure(
                    scope: arguments.has("machine") ? .machine : .cgroup,
                    cpu: .percent(UInt32(percent) ?? 0), memory: .none, io: .none)
            }
        case "measured":
            measured = MoveMeasure(
                bytes: arguments.number("MiB").map { .mebibytes(UInt64($0)) },
                bandwidth: arguments.number("MiB/s").map { BytesPerSecond(UInt64($0) << 20) },
                downtime: arguments.number("ms").map { .milliseconds($0) })
        case "carries":
            for (id, figures) in arguments.pairs {
                carried[InstanceID(id)] = figures.split(separator: "/").compactMap { UInt64($0) }
            }
        case "powered":
            // Such as `powered a wake it is unplugged`.
            let failure = words.dropFirst(2).joined(separator: " ")
            handle(
                .powered(
                    HostID(words[0]), words[1] == "wake" ? .wake : .sleep,
                    failure: failure.isEmpty ? nil : failure))
        // `lets-go m-1 a`: the source of a streamed move says that it let go, though nobody waits for that.
        case "lets-go":
            let host = HostID(words.count > 1 ? words[1] : "")
            guard let session = sessions[host] else { return ["\(host) is not connected"] }
            handle(
                .said(
                    host, session,
                    .move(
                        MoveID(words[0]), .switchOver, undo: false, failure: nil, endpoint: nil,
                        measure: MoveMeasure(isPartial: true))))
        case "store": isStoreFull = words.first == "full"
        case "planner":
            isThinking = words.first != "waits"
            think()
        case "auditor": isAuditorStrict = words.first == "refuses"
        case "restart":
            engine = ClusterEngine(state: store.state, hasPower: true, now: now, seed: 1)
            sessions = [:]
            jobs = []
        case "show": show()
        default: ask(try request(verb, words, arguments))
        }
        return said.isEmpty ? ["nothing"] : said
    }

    // MARK: - Requests

    private func request(
        _ verb: String, _ words: [String], _ arguments: ScriptWords
    ) throws -> ClusterRequest {
        let name = words.first ?? ""
        switch verb {
        case "apply":
            return .apply(
                [try arguments.workload(name)], on: arguments["on"].map { HostID($0) },
                dryRun: arguments.has("dry"))
        case "admit": return .admit(HostID(name), labels: .none)
        case "delete": return .delete(WorkloadID(name), volumes: arguments.has("volumes"))
        case "drain": return .drain(HostID(name), force: false, dryRun: arguments.has("dry"))
        case "restore": return .restore(HostID(name))
        case "fence": return .fence(HostID(name))
        case "confirm": return .confirm(HostID(name))
        case "sleep": return .sleep(HostID(name))
        case "wake": return .wake(HostID(name))
        case "remove": return .remove(HostID(name))
        case "pack": return .plan(.pack)
        case "migrate":
            return .plan(
                .move(
                    InstanceID(name), to: words.count > 1 ? HostID(words[1]) : nil,
                    mode: words.contains("bySpec")
                        ? nil : words.lazy.compactMap { MoveMode(rawValue: $0) }.first ?? .restart))
        case "run": return .run(PlanID(name))
        case "cancel": return .cancel(MoveID(name))
        case "pause": return .pause(true)
        case "resume": return .pause(false)
        case "policy":
            return .setPolicy(try arguments.policy(from: engine.state.policy.value))
        case "image":
            let digest = String(repeating: arguments["digest"] ?? "a", count: 64)
            let file = try Image.File(digest: digest, size: .mebibytes(1))
            return .addImage(try Image(id: ImageID(name), format: .archive, files: [file]))
        case "unimage": return .removeImage(ImageID(name))
        default: throw Script.Malformed(line: verb, problem: "no such command")
        }
    }

    private mutating func ask(_ request: ClusterRequest) {
        lastRequest += 1
        handle(.request(RequestID(lastRequest), request))
    }

    // MARK: - Hosts

    private mutating func connect(_ name: String, _ arguments: ScriptWords) {
        lastSession += 1
        let session = SessionID(lastSession)
        sessions[HostID(name)] = session
        handle(
            .connected(
                HostID(name), session,
                AgentHello(
                    version: "1", capacity: Self.capacity(arguments), labels: .none,
                    address: arguments["at"] ?? "\(name):1")))
    }

    private static func capacity(_ arguments: ScriptWords) -> Capacity {
        Capacity(
            total: Resources(
                cpu: CPU(millicores: UInt64(arguments.number("cpu") ?? 1000)),
                memory: .gibibytes(4),
                disk: .gibibytes(100)),
            architecture: arguments["arch"] ?? "x86_64",
            features: arguments["has"]?.split(separator: ",").map(String.init) ?? [],
            kernel: arguments["kernel"] ?? "",
            bootID: arguments["boot"] ?? "1",
            capabilities: (arguments.has("live")
                ? [.podman, .qemu, .network, .checkpoint]
                    + (arguments.has("streams") ? [.multifd] : [])
                    + (arguments.has("postcopy") ? [.postcopy] : [])
                : arguments.has("network") ? [.podman, .network] : [.podman]).map {
                    Capability($0, available: true, detail: "5")
                },
            wakeTime: arguments.number("wakes").map { .seconds($0) })
    }

    /// `says a web-0@3:running db-0@2:failed`; a reason is not needed.
    private mutating func says(_ words: [String]) throws {
        let statuses = try words.dropFirst().map { word in
            let parts = word.split(separator: ":").map(String.init)
            let (id, generation) = try ScriptWords.instance(parts.first ?? "")
            return AgentNews.InstanceStatus(
                id: id, generation: generation, observed: .named(parts.count > 1 ? parts[1] : ""))
        }
        let host = HostID(words.first ?? "")
        guard let session = sessions[host] else { return said = ["\(host) is not connected"] }
        handle(.said(host, session, .statuses(statuses)))
    }

    /// Every connected host, or those named, has come to do what it was told.
    private mutating func settle(_ words: [String]) {
        for (host, session) in sessions.sorted(by: { $0.key < $1.key })
        where words.isEmpty || words.contains(host.rawValue) {
            let statuses = engine.state.instances(on: host).map { instance in
                AgentNews.InstanceStatus(
                    id: instance.id, generation: instance.generation,
                    observed: instance.desired == .running ? .running : .stopped)
            }
            handle(.said(host, session, .statuses(statuses)))
        }
    }

    private mutating func answerOrder(_ verb: String, _ words: [String]) throws {
        let move = MoveID(words.first ?? "")
        guard let (host, order) = orders.removeValue(forKey: move), let session = sessions[host]
        else {
            return said = ["\(move) waits for nobody who is here"]
        }
        let failure = verb == "ok" ? nil : words.dropFirst().joined(separator: " ")
        // `refuse m-1 WORDS`: CRIU says them of the program.
        let work: CheckpointVerdict.Work =
            order.role == .source && !order.undo ? .checkpoint : .restore
        let waits = order.move.isStreamed && order.phase == .prepare && failure == nil
        // `ok m-1 whole`: it converged after all.
        let letsGo =
            order.takesPostcopy && order.phase == .switchOver && !order.undo && failure == nil
            && !words.contains("whole")
        handle(
            .said(
                host, session,
                .move(
                    move, order.phase, undo: order.undo, failure: failure,
                    endpoint: waits
                        ? ScriptWords.endpoint(
                            over: order.streams, takesPostcopy: order.takesPostcopy) : nil,
                    measure: letsGo
                        ? measured.completed(by: MoveMeasure(isPartial: true)) : measured,
                    verdict: verb == "refuse" ? CheckpointVerdict(work, reason: failure ?? "") : nil
                )))
        measured = .nothing
        // `ok m-1 to switchOver` goes on as long as all goes well.
        guard verb == "ok", words.count == 3, words[1] == "to", let next = orders[move]?.order,
            next.phase.rawValue != words[2]
        else { return }
        try answerOrder(verb, words)
    }

    // MARK: - What the shell does

    private mutating func handle(_ event: ClusterEvent, quietly: Bool = false) {
        let before = engine.decided
        let decision = engine.handle(event, at: now)
        let moment = quietly ? "\((now.milliseconds - 1_000_000) / 1000)s " : ""
        if !decision.changes.isEmpty {
            if isStoreFull {
                engine.restore(before)
                said.append("the store refuses")
                return
            }
            engine.advance(to: store.transact(decision.changes))
            if engine.state != store.state { said.append("STORED IS NOT DECIDED") }
            said += decision.changes.map { moment + Words.of($0) }
        }
        for effect in decision.effects {
            switch effect {
            case .plan(let job): jobs.append(job)
            case .instruct(let host, .move(let order)): orders[order.move.id] = (host, order)
            case .answer, .instruct, .disconnect, .audit, .progress, .power: break
            }
            if let words = Words.of(effect) { said.append(moment + words) }
        }
        think()
    }

    private mutating func think() {
        while isThinking, !jobs.isEmpty {
            let job = jobs.removeFirst()
            let result = Minds.plan(job)
            handle(.planned(job.id, result))
            guard case .plan(let plan) = result else { continue }
            let isRefused = isAuditorStrict && !plan.steps.isEmpty
            handle(
                .audited(
                    job.id, findings: isRefused ? ["it is not liked"] : Minds.audit(plan, job)))
        }
    }

    private func use(of host: HostID) -> Use {
        let cores = engine.observations.hosts[host]?.capacity?.total.cpu.millicores ?? 0
        let mean = cores * (loads[host] ?? 0) / 100
        return Use(
            at: now, cpu: .init(mean: mean, maximum: mean, last: mean), memory: .zero)
    }

    /// Over the last second.
    private func uses(on host: HostID) -> [AgentNews.InstanceUse] {
        engine.state.instances(on: host).map { instance in
            AgentNews.InstanceUse(
                id: instance.id,
                use: Use(
                    at: now, cpu: .zero, memory: .zero,
                    throttled: (strains[instance.id] ?? 0) * 10_000, pressure: stalls[instance.id]),
                load: carried[instance.id].map(load))
        }
    }

    private func load(_ figures: [UInt64]) -> MoveLoad {
        MoveLoad(
            at: now, memory: .mebibytes(figures[0]),
            changes: MoveLoad.Changes(
                rate: BytesPerSecond(figures[1] << 20), set: .mebibytes(figures[2])))
    }

    private mutating func show() {
        let state = engine.state
        said += state.hosts.keys.sorted().map { "host \($0) \(engine.hostState($0).rawValue)" }
        said += state.instances.values.map(\.value).sorted { $0.id < $1.id }.map { instance in
            "\(instance.id)@\(instance.generation.number) on \(instance.host?.rawValue ?? "-") wants \(instance.desired.rawValue), is \(engine.observations.observed(instance).word)"
        }
        said += state.outdated.sorted().map { "\($0) is outdated" }
        said += state.plans.values.sorted { $0.plan.id < $1.plan.id }.map {
            "plan \($0.plan.id) \($0.state.rawValue) \($0.reason)\($0.release.map(Words.of) ?? "")"
        }
        if state.isPaused { said.append("paused") }
        let baseline = state.processors.baseline
        said += baseline.architectures.map { architecture in
            "all \(architecture) have: "
                + baseline.features(of: architecture).joined(separator: " ")
        }
        said += engine.observations.hosts.sorted { $0.key < $1.key }.flatMap { host, seen in
            seen.orphans.keys.sorted().map { "orphan \($0) on \(host)" }
        }
    }
}

extension Instance.Observed {
    /// The state of that one word, with a reason where there has to be one.
    static func named(_ word: String) -> Instance.Observed {
        switch word {
        case "failed": .failed(reason: "it broke")
        case "unhealthy": .unhealthy(reason: "its check fails")
        case "running": .running
        case "stopped": .stopped
        case "held": .held
        case "unknown": .unknown
        case "pending": .pending
        default: .starting
        }
    }
}
