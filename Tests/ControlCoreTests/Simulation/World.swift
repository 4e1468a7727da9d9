import ClusterModel
import ControlCore
import Simulator

/// A whole cluster in virtual time: one coordinator, its store, hosts with agents, a network, users and faults.
///
/// Everything that happens follows from the seed. It runs the very engines that run a cluster; what the shells do
/// is done here with time, losses and crashes in between.
struct World: Sendable {
    let seed: UInt64
    var random: SplitMix64
    var now: Int64 = 1_000_000
    var agenda = Agenda<Happening>()
    var hosts: [HostID: SimulatedHost] = [:]

    // The coordinator.
    var engine: ClusterEngine?
    var store = SimulatedStore()
    var isStoreFull = false
    var epoch = 0
    var sessions: [HostID: (id: SessionID, link: Int)] = [:]
    var lastSession: UInt64 = 0

    // The user: one request at a time.
    var lastRequest: UInt64 = 0
    var asked: (id: RequestID, request: ClusterRequest)?
    var lastPlan: PlanID?
    /// What users were told is so; `nil` for a workload that was deleted.
    var promised: [WorkloadID: Workload?] = [:]

    /// Faults strike and users act until this moment.
    let calmFrom: Int64
    /// Longest time between two faults: some worlds are so rough that hardly a move comes to its end, some not.
    let pace: Int64
    var isCalm: Bool { now >= calmFrom }
    /// Whether the loop moves things too.
    var isAutomatic: Bool { seed % 4 == 1 }
    /// Whether its hosts are cold, so that the loop empties one after the other.
    var isPacking: Bool { seed % 8 == 5 }
    /// Full of VMs, which move while they run.
    var isStreaming: Bool { seed % 4 == 3 }
    /// Whether its users allow nothing but relocations.
    var isRelocating: Bool { seed % 4 == 2 }

    /// Guests that came to their targets, and those of them that had to wait there.
    var landings = (landed: 0, barred: 0, partial: 0)
    /// Hosts on which streamed instances have run since; what their sources still have is the past.
    var presents: [InstanceID: HostID] = [:]

    /// What is tried at which step of one move; a world with a drill leaves nothing to chance.
    var drill: Drill?
    var cuts: Set<Cut> = []

    // What went wrong, and what led there.
    var violation: String?
    var isLogging: Bool
    var log: [String] = []
    var highest: [InstanceID: Generation] = [:]
    var instanceIDs: Set<InstanceID> = []
    var begunMoves: Set<MoveID> = []
    /// Relocations of which two copies ran for a time, and the ends that relocations came to.
    var overlapped: Set<MoveID> = []
    var relocations = (done: 0, undone: 0)
    /// Instances that were stopped to make room, and that had room again.
    var displaced = (stopped: 0, back: 0)
    /// Plans that began by themselves, and those of them that came to a good end.
    var loopPlans = (begun: Set<PlanID>(), done: 0)
    /// How often releases came to each stage.
    var releases: [Release.Stage: Int] = [:]
    var steps = 0

    init(seed: UInt64, isLogging: Bool = false) {
        self.seed = seed
        self.isLogging = isLogging
        random = SplitMix64(seed: seed)
        // The loop waits for what lasts, so it needs a longer life to show what it does.
        let longest: Int64 = seed % 4 == 1 ? 400_000 : 150_000
        calmFrom = 1_000_000 + Int64.random(in: 30_000...longest, using: &random)
        pace = [8_000, 25_000, 60_000][Int.random(in: 0..<3, using: &random)]
        found()
    }

    /// Runs to the end; what is wrong, or `nil`.
    mutating func run() -> String? {
        var nextLook = calmFrom + 10_000
        while violation == nil, let (at, happening) = agenda.next() {
            now = max(now, at)
            steps += 1
            happen(happening)
            checkAlways()
            guard now >= nextLook, violation == nil else { continue }
            guard let unsettled = unsettled() else { return nil }
            nextLook = now + 10_000
            if now > calmFrom + 2_400_000 { violation = "does not settle: \(unsettled)" }
        }
        return violation
    }

    mutating func note(_ text: @autoclosure () -> String) {
        guard isLogging else { return }
        log.append("\(now - 1_000_000) \(text())")
    }

    mutating func chance(_ oneIn: Int) -> Bool {
        drill == nil && Int.random(in: 0..<oneIn, using: &random) == 0
    }

    mutating func milliseconds(_ range: ClosedRange<Int64>) -> Int64 {
        drill?.moment(in: range) ?? Int64.random(in: range, using: &random)
    }

    mutating func pick<Value>(_ values: [Value]) -> Value? {
        values.isEmpty ? nil : values[Int.random(in: 0..<values.count, using: &random)]
    }

    /// What VMs start from: the coordinator has to hold it.
    static let disk: Image = {
        do {
            let file = try Image.File(
                digest: String(repeating: "a", count: 64), size: .mebibytes(1))
            return try Image(id: ImageID("disk"), format: .qcow2, files: [file])
        } catch {
            preconditionFailure("the disk is no image: \(error)")
        }
    }()

    var instant: Instant { Instant(milliseconds: now) }

    // MARK: - The beginning

    private mutating func found() {
        let count = Int.random(in: 2...4, using: &random)
        for number in 0..<count {
            let id = HostID("h\(number)")
            hosts[id] = SimulatedHost(
                id: id,
                total: Resources(
                    cpu: CPU(millicores: UInt64.random(in: 6...14, using: &random) * 100),
                    memory: .gibibytes(4),
                    disk: .gibibytes(100)),
                clockOffset: milliseconds(-500_000...500_000))
        }
        var policy = Policy(demand: .reserved, reserve: .hosts(0), rest: .zero)
        policy.mode = isAutomatic ? .auto : .off
        policy.movesPerHost = Int.random(in: 1...2, using: &random)
        policy.movesPerCluster = Int.random(in: 1...3, using: &random)
        if isAutomatic { hasten(&policy) }
        if isRanked { policy.preempt = .lower }
        _ = store.transact(
            [.putPolicy(policy), .putImage(Self.disk)]
                + hosts.keys.sorted().map { .putHost(HostRecord(id: $0)) })
        startCoordinator()
        for id in hosts.keys.sorted() { startAgent(id) }
        agenda.add(.userActs, at: now + 3_000)
        agenda.add(.faultStrikes, at: now + milliseconds(5_000...20_000))
    }

    // MARK: - One thing after the other

    mutating func happen(_ happening: Happening) {
        switch happening {
        case .coordinatorTicks(let epoch):
            guard epoch == self.epoch, engine != nil else { return }
            decide(.tick)
            agenda.add(.coordinatorTicks(epoch: epoch), at: now + 1_000)
        case .coordinatorStarts: startCoordinator()
        case .planned(let epoch, let job):
            if epoch == self.epoch { decide(.planned(job.id, Minds.plan(job))) }
        case .audited(let epoch, let plan, let job):
            guard epoch == self.epoch else { return }
            decide(.audited(plan.id, findings: Minds.audit(plan, job)))
        case .sessionNoticedLost(let epoch, let host, let session):
            guard epoch == self.epoch else { return }
            if sessions[host]?.id == session { sessions[host] = nil }
            decide(.disconnected(host, session))
        case .agentTicks(let host, let epoch): agentTicks(host, epoch)
        case .agentStarts(let host): startAgent(host)
        case .powerReturns(let host): powerOn(host)
        case .connects(let host, let epoch): connect(host, epoch)
        case .arrivesAtCoordinator(let host, let link, let message):
            arrived(from: host, link, message)
        case .arrivesAtAgent(let host, let link, let instruction):
            arrived(at: host, link, instruction)
        case .operationEnds(let host, let epoch, let number): operationEnds(host, epoch, number)
        case .flushEnds(let host, let epoch, let move): flushEnds(host, epoch, move)
        case .guestLands(let instance, let source, let flight):
            guestLands(instance, from: source, flight)
        case .restComes(let instance, let target, let number):
            restComes(instance, to: target, number)
        case .userActs: userActs()
        case .faultStrikes: faultStrikes()
        case .networkHeals(let host): hosts[host]?.isCutOff = false
        case .storeHeals: isStoreFull = false
        case .rejoins(let host): rejoin(host)
        case .drilled(let act): drilled(act)
        }
    }
}
