import ClusterModel
import ControlCore
import Simulator
import Testing

@Suite struct BaselineTests {
    private static func host(
        _ name: String, _ features: [String], _ architecture: String = "x86_64",
        _ state: Host.State = .ready
    ) -> Host {
        Host(
            id: HostID(name), labels: .none,
            capacity: Capacity(total: .zero, architecture: architecture, features: features),
            state: state)
    }

    @Test(
        "what all have, by architecture; hosts that are no members and hosts unknown do not count")
    func common() {
        let hosts = [
            Self.host("a", ["avx", "fma", "sse"]), Self.host("b", ["aes", "avx", "sse"]),
            Self.host("c", ["asimd"], "aarch64"), Self.host("d", ["sse"], "x86_64", .unconfirmed),
            Self.host("e", ["mmx"], "x86_64", .fenced), Self.host("f", []),
            Self.host("g", ["avx", "fma", "sse"], "x86_64", .lost),
        ]
        let baseline = Baseline(of: hosts)
        #expect(baseline.architectures == ["aarch64", "x86_64"])
        #expect(baseline.features(of: "x86_64") == ["avx", "sse"])
        #expect(baseline.features(of: "aarch64") == ["asimd"])
        #expect(baseline.features(of: "riscv64") == [])
        #expect(baseline.lacking(in: hosts[3].capacity) == ["avx"])
        #expect(baseline.beyond(in: hosts[3].capacity) == [])
        #expect(baseline.beyond(in: hosts[1].capacity) == ["aes"])
        #expect(baseline.lacking(in: hosts[5].capacity) == ["avx", "sse"])
        #expect(baseline.lacking(in: Self.host("h", ["x"], "riscv64").capacity) == [])
    }

    @Test func whatNothingHasInCommonIsKnownAllTheSame() {
        let baseline = Baseline(of: [Self.host("a", ["avx"]), Self.host("b", ["sse"])])
        #expect(baseline.architectures == ["x86_64"])
        #expect(baseline.features(of: "x86_64") == [])
    }

    @Test func manyFeaturesAreCountedAndFewNamed() {
        #expect(Baseline.words(["avx"]) == "1 feature (avx)")
        #expect(Baseline.words(["a", "b", "c", "d", "e", "f"]) == "6 features (a, b, c, d, e, f)")
        #expect(
            Baseline.words(["a", "b", "c", "d", "e", "f", "g", "h"])
                == "8 features (a, b, c, d, e, f and 2 more)")
    }

    @Test("whatever comes, goes and changes, what is kept is what is so")
    func walks() {
        var waited = 0
        var confirmed = 0
        for seed in 1...40 as ClosedRange<UInt64> {
            var walk = BaselineWalk(seed: seed)
            for _ in 0..<150 {
                walk.step()
                walk.check()
            }
            waited += walk.waited
            confirmed += walk.confirmed
        }
        #expect(waited > 80 && confirmed > 30, "\(waited) waited, \(confirmed) were confirmed")
    }

    @Test("at an empty cluster the order of joining changes nothing", arguments: 1...20)
    func order(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let hosts = (0..<5).map { number in
            (name: "h\(number)", features: BaselineWalk.someFeatures(&random))
        }
        let ends = [hosts, hosts.reversed(), hosts.shuffled(using: &random)].map { order in
            var walk = BaselineWalk(seed: seed)
            for host in order { walk.join(HostID(host.name), host.features) }
            walk.check()
            return walk.engine.state.processors
        }
        #expect(ends[0] == ends[1] && ends[1] == ends[2])
    }
}

/// A cluster to which hosts of all kinds come by chance.
struct BaselineWalk {
    private(set) var engine: ClusterEngine
    /// Times that a host began to wait, and times that an operator confirmed one.
    private(set) var waited = 0
    private(set) var confirmed = 0
    private var store = SimulatedStore()
    private var random: SplitMix64
    private var now = Instant(milliseconds: 1_000_000)
    private var count: UInt64 = 0
    private var sessions: [HostID: SessionID] = [:]
    /// Hosts that waited after the last step, and those that were members of known processors.
    private var waiting: Set<HostID> = []
    private var members: Set<HostID> = []

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        _ = store.transact([
            .putPolicy(Policy(mode: .off, demand: .reserved, reserve: .hosts(0), rest: .zero))
        ])
        engine = ClusterEngine(state: store.state, now: now, seed: seed)
    }

    static func someFeatures(_ random: inout SplitMix64) -> [String] {
        ["aes", "avx", "fma", "sse"].filter { _ in Int.random(in: 0..<8, using: &random) > 0 }
    }

    mutating func step() {
        now = now.advanced(by: .seconds(1))
        let host = HostID("h\(Int.random(in: 0..<8, using: &random))")
        switch Int.random(in: 0..<16, using: &random) {
        case 0...3: join(host, Self.someFeatures(&random))
        case 4: ask(.confirm(waiting.sorted().randomElement(using: &random) ?? host))
        case 5:
            guard let session = sessions[host] else { return }
            handle(.said(host, session, .capacity(capacity(Self.someFeatures(&random)))))
        case 6...8: ask(.remove(host))
        case 9: leave(host)
        case 10, 11: ask(.apply([workload()], on: host, dryRun: false))
        case 12, 13: settle()
        case 14: ask(.delete(workload().name, volumes: false))
        default:
            engine = ClusterEngine(state: store.state, now: now, seed: 1)
            sessions = [:]
        }
    }

    mutating func join(_ host: HostID, _ features: [String]) {
        ask(.admit(host, labels: .none))
        guard engine.state.hosts[host] != nil else { return }
        count += 1
        sessions[host] = SessionID(count)
        handle(
            .connected(
                host, SessionID(count),
                AgentHello(
                    version: "1", capacity: capacity(features), labels: .none, address: "")))
    }

    private mutating func leave(_ host: HostID) {
        guard let session = sessions.removeValue(forKey: host) else { return }
        handle(.disconnected(host, session))
        if Bool.random(using: &random) { ask(.fence(host)) }
    }

    /// What is to run runs, and what is to go is gone.
    private mutating func settle() {
        for (host, session) in sessions.sorted(by: { $0.key < $1.key }) {
            let statuses = engine.state.instances(on: host).map {
                AgentNews.InstanceStatus(
                    id: $0.id, generation: $0.generation,
                    observed: $0.desired == .running ? .running : .stopped)
            }
            handle(.said(host, session, .statuses(statuses)))
        }
    }

    private mutating func workload() -> Workload {
        let name = WorkloadID("w\(Int.random(in: 0..<3, using: &random))")
        do {
            return try Workload(
                kind: .container, name: name, image: .named("image"),
                size: Resources(cpu: CPU(millicores: 100), memory: .mebibytes(64)))
        } catch {
            preconditionFailure("\(error)")
        }
    }

    private func capacity(_ features: [String]) -> Capacity {
        Capacity(
            total: Resources(
                cpu: CPU(millicores: 1000), memory: .gibibytes(4), disk: .gibibytes(100)),
            features: features,
            capabilities: [Capability(.podman, available: true, detail: "5")])
    }

    private mutating func ask(_ request: ClusterRequest) {
        count += 1
        handle(.request(RequestID(count), request))
    }

    private mutating func handle(_ event: ClusterEvent) {
        let decision = engine.handle(event, at: now)
        if !decision.changes.isEmpty { engine.advance(to: store.transact(decision.changes)) }
        for case .occurred(let occurrence) in decision.changes
        where occurrence.message.hasPrefix("confirmed") { confirmed += 1 }
        for case .plan(let job) in decision.effects {
            let result = Minds.plan(job)
            handle(.planned(job.id, result))
            if case .plan(let plan) = result {
                handle(.audited(job.id, findings: Minds.audit(plan, job)))
            }
        }
    }

    mutating func check() {
        let records = engine.state.hosts.values.map(\.value).sorted { $0.id < $1.id }
        #expect(engine.state == store.state)
        let known = records.filter { $0.standing == .member || $0.standing == .draining }
            .compactMap { $0.processor.map { Set($0.features) } }
        let common = known.dropFirst().reduce(known.first ?? []) { $0.intersection($1) }
        let baseline = engine.state.processors.baseline
        #expect(baseline.features(of: "x86_64") == common.sorted())
        #expect(
            Baseline(of: records.map { engine.host($0.id) }) == baseline,
            "users see what the engine goes by")
        var waits: Set<HostID> = []
        for record in records where record.standing == .unconfirmed {
            waits.insert(record.id)
            #expect(engine.hostState(record.id) == .unconfirmed)
            #expect(engine.state.instances(on: record.id).isEmpty)
            let has = Set(record.processor?.features ?? [])
            #expect(!common.subtracting(has).isEmpty, "\(record.id) lacks nothing")
            #expect(!engine.state.instances.isEmpty || waiting.contains(record.id))
        }
        #expect(waits.isDisjoint(with: members), "a member is not shut out")
        waited += waits.subtracting(waiting).count
        waiting = waits
        members = Set(records.filter { $0.standing == .member && !$0.isNew }.map(\.id))
    }
}
