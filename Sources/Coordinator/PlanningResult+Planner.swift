import ClusterModel
import ControlCore
import Planner

extension PlanningResult {
    /// What the planner makes of `job`.
    init(of job: PlanJob) {
        let isCalm = job.origin == .loop
        let planner = Planner(policy: job.policy, changed: job.policyChanged)
        do throws(PlanningFailure) {
            switch job.task {
            case .pack:
                self = .plan(
                    try planner.pack(job.snapshot, id: job.id, seed: job.seed, calm: isCalm))
            case .relieve(let host):
                self = .plan(
                    try planner.relieve(
                        host, in: job.snapshot, id: job.id, seed: job.seed, calm: isCalm))
            case .drain(let host, let force):
                self = .plan(
                    try planner.drain(
                        host, in: job.snapshot, id: job.id, seed: job.seed, force: force))
            case .place(let instances, let host):
                self = .plan(
                    try planner.place(
                        instances, in: job.snapshot, on: host, id: job.id, seed: job.seed))
            case .move(let instance, let host, let mode):
                self = .plan(
                    try planner.move(
                        instance, to: host, mode: mode, in: job.snapshot, id: job.id, seed: job.seed
                    ))
            case .undo(let returns):
                self = .plan(
                    try planner.undo(returns, in: job.snapshot, id: job.id, seed: job.seed))
            case .rest(let host):
                self = .plan(try planner.rest(host, in: job.snapshot, id: job.id))
            case .repair:
                self = .plan(
                    try planner.repair(job.snapshot, id: job.id, seed: job.seed, calm: isCalm))
            }
        } catch {
            self = .refused(error.words)
        }
    }
}

extension PlanningFailure {
    /// The failure as an operator reads it.
    fileprivate var words: String {
        switch self {
        case .policy(let invalid):
            "the policy contradicts itself: \(invalid.field) \(invalid.problem)"
        case .unknownHost(let host): "there is no host \(host)"
        case .unknownInstance(let instance): "there is no running instance \(instance)"
        case .notWaiting(let instance): "\(instance) has a host already"
        case .notPlaced(let instance): "\(instance) is on no host yet"
        case .alreadyThere(let instance, let host): "\(instance) is on \(host) already"
        case .refused(let instance, let refusals):
            "no host can have \(instance): "
                + refusals.map { "\($0.host): \($0.misfit.words)" }.joined(separator: "; ")
        case .notEmpty(let host): "something is on \(host)"
        case .needed(let host, let lost): "without \(host) the loss of \(lost) could not be borne"
        }
    }
}

extension Misfit {
    /// The misfit in a few words, for messages; the command line has a fuller text from the value itself.
    fileprivate var words: String {
        switch self {
        case .cpu(let short): "\(short.millicores)m CPU short"
        case .memory(let short): "\(short.count >> 20) MiB memory short"
        case .disk(let short): "\(short.count >> 20) MiB disk short"
        case .network(let short): "\(short.count) B/s network short"
        case .scalar(let name, let short): "\(short) of \(name) short"
        case .hostState(.unconfirmed): "not confirmed: it would lower the CPU baseline"
        case .hostState(let state): "the host is \(state.rawValue)"
        case .driver(let kind, let reason): "no driver for a \(kind.rawValue): \(reason)"
        case .architecture(let needed, let found): "architecture \(found), not \(needed)"
        case .need(let label): "lacks \(label.name)=\(label.value)"
        case .avoid(let label): "has \(label.name)=\(label.value)"
        case .taint(let label): "tainted \(label.name)=\(label.value)"
        case .apart(let instance): "has to be apart from \(instance)"
        case .together(let instance): "has to be together with \(instance)"
        case .spread(let domain, let share):
            "\(domain.name)=\(domain.value) holds its share of \(share) already"
        case .move(.notAllowed(let allowed, let possible)):
            "its spec allows [\(allowed.map(\.rawValue).joined(separator: ", "))], possible is [\(possible.map(\.rawValue).joined(separator: ", "))]"
        case .move(.unwritable(let refusal)): refusal.words
        case .move(.notRunning): "it does not run"
        case .move(.underway): "it is moving"
        case .move(.budget): "the moves at the same time are used up"
        case .resting: "it rests after its last move"
        case .undone: "it did worse there of late"
        case .files(let host): "its files are on \(host)"
        case .reserve: "the room kept for a lost host would be gone"
        }
    }
}
