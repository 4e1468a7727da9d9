package import ClusterModel

/// Everything that was decided: the sum of all stored changes.
package struct ClusterState: Hashable, Sendable {
    package private(set) var revision: Revision
    package private(set) var hosts: [HostID: Versioned<HostRecord>] = [:]
    /// The processors of its members.
    package private(set) var processors = ProcessorCensus()
    package private(set) var workloads: [WorkloadID: Versioned<Workload>] = [:]
    package private(set) var instances: [InstanceID: Versioned<Instance>] = [:]
    package private(set) var outdated: Set<InstanceID> = []
    /// Instances whose volumes are removed with them.
    package private(set) var volumesToRemove: Set<InstanceID> = []
    /// Where a user wants new instances placed, once.
    package private(set) var wishes: [InstanceID: HostID] = [:]
    package private(set) var policy = Versioned(Policy.standard, at: .zero)
    package private(set) var images: [ImageID: Image] = [:]
    package private(set) var plans: [PlanID: PlanRecord] = [:]
    package private(set) var moves: [MoveID: MoveRecord] = [:]
    /// Whether an operator keeps automatic moves from starting.
    package private(set) var isPaused = false
    /// Moves that were undone, and are not tried again for a while.
    package private(set) var pairings: [InstanceID: [HostID: Pairing]] = [:]
    /// What moves between hosts took so far.
    package private(set) var links = MoveLinks.none
    /// What the last moves of each workload came to, oldest first.
    package private(set) var moveReports: [WorkloadID: [MoveReport]] = [:]
    /// What CRIU would not write down or bring back of late.
    package private(set) var refusals: [ID<CheckpointRefusal>: CheckpointRefusal] = [:]
    /// Number for the next plan.
    package private(set) var nextPlan = 1
    /// Number for the next move.
    package private(set) var nextMove = 1

    package init(revision: Revision = .zero) { self.revision = revision }

    /// Makes `change` part of the state; `revision` is the one its transaction carries.
    package mutating func apply(_ change: Change, at revision: Revision) {
        self.revision = max(self.revision, revision)
        switch change {
        case .putHost(let record):
            processors.replace(hosts[record.id]?.value.counted, by: record.counted)
            hosts[record.id] = Versioned(record, at: revision)
        case .removeHost(let id):
            processors.replace(hosts[id]?.value.counted, by: nil)
            hosts[id] = nil
        case .putWorkload(let workload):
            workloads[workload.name] = Versioned(workload, at: revision)
        case .removeWorkload(let id): workloads[id] = nil
        case .putInstance(let instance): instances[instance.id] = Versioned(instance, at: revision)
        case .removeInstance(let id): instances[id] = nil
        case .markOutdated(let id): outdated.insert(id)
        case .clearOutdated(let id): outdated.remove(id)
        case .markVolumes(let id): volumesToRemove.insert(id)
        case .clearVolumes(let id): volumesToRemove.remove(id)
        case .putWish(let id, let host): wishes[id] = host
        case .clearWish(let id): wishes[id] = nil
        case .putPolicy(let policy): self.policy = Versioned(policy, at: revision)
        case .putImage(let image): images[image.id] = image
        case .removeImage(let id): images[id] = nil
        case .putPlan(let record):
            plans[record.plan.id] = record
            nextPlan = max(nextPlan, Self.number(record.plan.id.rawValue) + 1)
        case .removePlan(let id): plans[id] = nil
        case .putMove(let record):
            moves[record.move.id] = record
            nextMove = max(nextMove, Self.number(record.move.id.rawValue) + 1)
        case .removeMove(let id): moves[id] = nil
        case .pause: isPaused = true
        case .resume: isPaused = false
        case .putPairing(let pairing):
            pairings[pairing.instance, default: [:]][pairing.host] = pairing
        case .removePairing(let instance, let host):
            pairings[instance]?[host] = nil
            if pairings[instance]?.isEmpty == true { pairings[instance] = nil }
        case .putLink(let entry): links.put(entry)
        case .removeLink(let way): links.remove(way)
        case .putMoveReports(let workload, let reports): moveReports[workload] = reports
        case .removeMoveReports(let workload): moveReports[workload] = nil
        case .putRefusal(let refusal): refusals[refusal.id] = refusal
        case .removeRefusal(let id): refusals[id] = nil
        case .occurred: break
        }
    }

    /// Takes note that the store went on to `revision` by a change that is not the engine's.
    package mutating func advance(to revision: Revision) {
        self.revision = max(self.revision, revision)
    }

    /// Whether `p-9` was named before `p-10`: by number, because names of one count may be of different lengths.
    static func isEarlier<Named>(_ one: ID<Named>, _ other: ID<Named>) -> Bool {
        (number(one.rawValue), one) < (number(other.rawValue), other)
    }

    /// The number of `p-17` and `m-4`; zero for a name of another form.
    private static func number(_ name: String) -> Int {
        name.split(separator: "-").last.flatMap { Int($0) } ?? 0
    }

    /// Instances decided to be on `host`, in ascending order.
    package func instances(on host: HostID) -> [Instance] {
        instances.values.map(\.value).filter { $0.host == host }.sorted { $0.id < $1.id }
    }

    /// Moves that have not ended, in the order of their numbers.
    package var movesUnderWay: [MoveRecord] {
        moves.values.filter(\.isUnderWay).sorted {
            Self.number($0.move.id.rawValue) < Self.number($1.move.id.rawValue)
        }
    }

    /// The move of `instance` that has not ended.
    package func move(of instance: InstanceID) -> MoveRecord? {
        moves.values.first { $0.isUnderWay && $0.move.instance == instance }
    }
}

/// A value with the revision at which it last changed.
package struct Versioned<Value: Hashable & Sendable>: Hashable, Sendable {
    package let value: Value
    package let changed: Revision

    package init(_ value: Value, at changed: Revision) {
        self.value = value
        self.changed = changed
    }
}
