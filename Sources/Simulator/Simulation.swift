import ClusterModel
import ControlCore

/// A whole cluster on virtual time: the engines of coordinator and agents, the planner and the audit, and load.
///
/// Everything follows from the scenario and the seed. What the services' shells do is done here: a decision is
/// stored (nothing refuses it), then its effects are carried out; operations take the time that the scenario's
/// pace says. Messages take none.
package struct Simulation: Sendable {
    let scenario: Scenario
    let seed: UInt64
    var random: SplitMix64
    var now: Int64
    /// A Monday, midnight UTC, so that windows of the week mean something.
    static let beginning: Int64 = 4 * 86_400_000
    var agenda = Agenda<Happening>()
    var machines: [HostID: Machine] = [:]
    let order: [HostID]
    var engine: ClusterEngine
    /// Number of the coordinator, so that nothing that an earlier one asked for is told to a later.
    var coordinator = 1
    var isCoordinatorAway = false
    var inbox: [Delivery] = []
    var lastSession: UInt64 = 0
    var isTickPlanned = false
    let workloads: [WorkloadID: Scenario.Work]
    let workloadOf: [InstanceID: WorkloadID]
    /// What each instance wants now.
    var demands: [InstanceID: UInt64] = [:]
    var ledger: RunLedger
    /// Keeps each picture with its plan, which takes memory.
    let isRecording: Bool

    enum Happening: Sendable {
        case beat
        /// Between beats, while something is under way.
        case tick
        case planned(PlanJob, PlanningResult, by: Int)
        case audited(Plan, PlanJob, by: Int)
        case operationEnds(HostID, epoch: Int, number: Int)
        case faultTurns
        case connects(HostID, epoch: Int)
        /// The program that switches hosts has ended.
        case switched(HostID, PowerOrder, by: Int)
        /// A host that was woken boots.
        case wakes(HostID)
    }

    /// A message on its way; it arrives at the same moment.
    enum Delivery: Sendable {
        case news(HostID, SessionID, AgentNews)
        case instruction(HostID, SessionID, Instruction)
    }

    package init(_ scenario: Scenario, seed: UInt64, isRecording: Bool = false) {
        self.scenario = scenario
        self.seed = seed
        self.isRecording = isRecording
        random = SplitMix64(seed: seed)
        now = Self.beginning
        order = scenario.hosts.map(\.id)
        var workloads: [WorkloadID: Scenario.Work] = [:]
        var workloadOf: [InstanceID: WorkloadID] = [:]
        for work in scenario.workloads {
            workloads[work.workload.name] = work
            for id in work.workload.instances { workloadOf[id] = work.workload.name }
        }
        self.workloads = workloads
        self.workloadOf = workloadOf
        let start = Instant(milliseconds: Self.beginning)
        engine = ClusterEngine(
            state: Founding.state(of: scenario), hasPower: Self.hasPower(scenario), now: start,
            seed: seed)
        ledger = RunLedger(hosts: order, length: scenario.length)
        for (number, facts) in scenario.hosts.enumerated() {
            machines[facts.id] = Machine(facts, number: UInt32(clamping: number + 1))
        }
    }

    var instant: Instant { Instant(milliseconds: now) }
    /// Milliseconds since the beginning.
    var elapsed: Int64 { now - Self.beginning }

    /// Runs to the end and gives what it came to.
    package mutating func run() -> Run {
        for id in order { startAgent(id) }
        for fault in scenario.faults {
            agenda.add(.faultTurns, at: Self.beginning + fault.begins.milliseconds)
            let ends = fault.begins.milliseconds + fault.length.milliseconds
            agenda.add(.faultTurns, at: Self.beginning + ends)
        }
        agenda.add(.beat, at: now)
        let end = Self.beginning + scenario.length.milliseconds
        while let (at, happening) = agenda.next(), at < end {
            account(until: at)
            now = max(now, at)
            happen(happening)
            deliver()
            planTick()
        }
        account(until: end)
        now = end
        closeSample()
        return ledger.run
    }

    private mutating func happen(_ happening: Happening) {
        switch happening {
        case .beat: beat()
        case .tick:
            isTickPlanned = false
            for id in order where machines[id]?.agent != nil { tell(id, .tick) }
            decide(.tick)
        case .planned(let job, let result, let coordinator):
            if coordinator == self.coordinator { decide(.planned(job.id, result)) }
        case .audited(let plan, let job, let coordinator):
            guard coordinator == self.coordinator else { return }
            decide(.audited(plan.id, findings: Minds.audit(plan, job)))
        case .operationEnds(let host, let epoch, let number): operationEnds(host, epoch, number)
        case .faultTurns: turnFaults()
        case .connects(let host, let epoch): connect(host, epoch)
        case .switched(let host, let order, let coordinator):
            if coordinator == self.coordinator { decide(.powered(host, order, failure: nil)) }
        case .wakes(let host): getUp(host)
        }
    }

    /// Agents look, tick and report, then the engine ticks, as they do in a cluster.
    private mutating func beat() {
        weigh()
        for id in order where machines[id]?.agent != nil {
            tell(id, .tick)
            report(id)
        }
        deliver()
        decide(.tick)
        if elapsed >= ledger.sampleEnds { closeSample() }
        agenda.add(.beat, at: now + max(1_000, scenario.pace.beat.milliseconds))
    }

    /// While anything is under way, engines tick each second as in a cluster.
    private mutating func planTick() {
        guard !isTickPlanned,
            !engine.state.movesUnderWay.isEmpty
                || engine.state.plans.values.contains(where: { $0.state == .running })
                || machines.values.contains(where: { !$0.operations.isEmpty })
        else { return }
        isTickPlanned = true
        agenda.add(.tick, at: now + 1_000)
    }
}
