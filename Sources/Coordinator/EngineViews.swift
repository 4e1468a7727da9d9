import ClusterModel
import ControlCore
import Planner
import Wire

// What users see of the engine's state; nothing is decided here.

extension ClusterEngine {
    var instanceSummaries: [InstanceSummary] {
        let known = state.instances.values.map(\.value).sorted { $0.id < $1.id }.map(summary)
        let orphans = observations.hosts.sorted { $0.key < $1.key }.flatMap { host, seen in
            seen.orphans.sorted { $0.key < $1.key }.map { id, observed in
                InstanceSummary(
                    instance: Instance(
                        id: id, workload: WorkloadID(id.rawValue), index: 0, host: host,
                        observed: observed),
                    kind: .container, reserved: .zero, use: nil, orphan: true)
            }
        }
        return known + orphans
    }

    private func summary(_ instance: Instance) -> InstanceSummary {
        var seen = instance
        seen.observed = observations.observed(instance)
        let workload = state.workloads[instance.workload]?.value
        return InstanceSummary(
            instance: seen, kind: workload?.kind ?? .container,
            reserved: workload?.reservation ?? .zero,
            use: observations.instances[instance.id]?.use.last, orphan: false)
    }

    var hostSummaries: [HostSummary] {
        state.hosts.keys.sorted().map { id in
            let seen = observations.hosts[id]
            let instances = state.instances(on: id)
            let reserved = instances.compactMap { state.workloads[$0.workload]?.value.reservation }
                .reduce(Resources.zero) { $0 + $1 }
            return HostSummary(
                host: host(id), reserved: reserved, use: seen?.use.last, instances: instances.count,
                address: seen?.address ?? "", version: seen?.version ?? "", heardAt: seen?.heardAt)
        }
    }

    /// Every host, and why not, for one instance; `nil` when there is none of that name.
    func explanation(of id: InstanceID) -> ExplainReply? {
        guard let instance = state.instances[id]?.value else { return nil }
        let planner = Planner(policy: state.policy.value, changed: state.policy.changed)
        let verdicts = planner.explain(id, in: snapshot())
        return ExplainReply(
            instance: summary(instance),
            verdicts: verdicts,
            lastDecision: decided.rationale[id])
    }

    /// A plan with what its moves are expected to come to, by what is known now.
    func reply(for record: PlanRecord) -> PlanReply {
        PlanReply(
            plan: record.plan, state: record.state.wire, reason: record.reason,
            origin: record.origin, release: record.release,
            forecasts: forecasts(of: record.plan))
    }

    /// How far a plan has come, step by step.
    func planProgress(_ id: PlanID) -> [PlanProgressNote] {
        guard let record = state.plans[id] else { return [] }
        let states = stepStates(of: record.plan)
        let steps = record.plan.steps.map { step in
            PlanProgressNote(
                plan: id, state: .running,
                reason: waitingReason(of: step, in: record.plan) ?? "",
                step: PlanProgressNote.StepNote(
                    id: step.id, state: states[step.id] ?? .waiting,
                    phase: state.move(of: step.instance)?.phase,
                    progress: state.move(of: step.instance).flatMap {
                        observations.moves[$0.move.id]
                    }))
        }
        return steps + [
            PlanProgressNote(plan: id, state: record.state, reason: record.reason, step: nil)
        ]
    }
}

extension Occurrence.Subject {
    /// The subject as a log names it.
    var words: String {
        switch self {
        case .cluster: "cluster"
        case .host(let id): "host \(id)"
        case .workload(let id): "workload \(id)"
        case .instance(let id): "instance \(id)"
        case .plan(let id): "plan \(id)"
        case .move(let id): "move \(id)"
        }
    }
}
