/// What the tests read of `huddle … -o json`; the keys are a promise to users' programs.
struct HostView: Decodable, Sendable {
    struct Amounts: Decodable, Sendable {
        let cpuMillicores: Int
        let memoryBytes: UInt64
    }

    let name: String
    let state: String
    let labels: [String: String]
    let instances: Int
    let capacity: Amounts
    /// Nothing before the first report.
    let used: Amounts?
    let bootID: String

    var usedPercent: Int { used.map { 100 * $0.cpuMillicores / capacity.cpuMillicores } ?? -1 }
}

struct InstanceView: Decodable, Sendable {
    let name: String
    let workload: String
    let host: String?
    let desired: String
    let state: String
    let reason: String?
    let generation: UInt64
    let orphan: Bool
    let address: String?
    let used: HostView.Amounts?
}

struct MoveView: Decodable, Sendable {
    let id: String
    let instance: String
    let source: String
    let target: String
    let phase: String
    let mode: String
    /// Nothing before its source said how far the copy is.
    let progress: Progress?
    /// Nothing while it is under way.
    let outcome: String?
    let reason: String?
    let plan: String?
    let measured: Measured

    struct Progress: Decodable, Sendable {
        let sharePermille: Int
        let rounds: Int
        let transferredBytes: UInt64
        let remainingBytes: UInt64
    }

    /// What its hosts said that it came to; nothing of what nobody measured.
    struct Measured: Decodable, Sendable {
        let bytes: UInt64?
        let aheadBytes: UInt64?
        let balloonedBytes: UInt64?
        let streams: Int?
        let compression: String
    }
}

struct PlanView: Decodable, Sendable {
    struct Bound: Decodable, Sendable {
        let hostsBefore: Int
        let hostsAfter: Int
        let hostsLowerBound: Int
        let provedMinimal: Bool
    }

    struct Step: Decodable, Sendable {
        let action: String
        let instance: String
        let from: String?
        let to: String?
    }

    let id: String
    let bound: Bound
    let steps: [Step]
}

struct AppliedView: Decodable, Sendable {
    struct Change: Decodable, Sendable {
        let workload: String
        let change: String
        let differences: [String]
        let starts: [String]
        let replaces: [String]
        let removes: [String]
    }

    struct Pending: Decodable, Sendable {
        let instance: String
    }

    let dryRun: Bool
    let changes: [Change]
    let pending: [Pending]
}

struct ExplainView: Decodable, Sendable {
    struct Explained: Decodable, Sendable {
        let instance: InstanceView
        let hosts: [Verdict]
    }

    struct Verdict: Decodable, Sendable {
        let host: String
        let current: Bool
        let fits: Bool
        let misfit: Misfit?
    }

    struct Misfit: Decodable, Sendable {
        let rule: String
        let words: String
        let shortMillicores: Int?
        let shortBytes: UInt64?
    }

    let instances: [Explained]
}

struct ImageView: Decodable, Sendable {
    let name: String
}

/// The objects around lists.
struct HostList: Decodable, Sendable { let hosts: [HostView] }
struct InstanceList: Decodable, Sendable { let instances: [InstanceView] }
struct MoveList: Decodable, Sendable { let moves: [MoveView] }
struct ImageList: Decodable, Sendable { let images: [ImageView] }
struct WorkloadList: Decodable, Sendable {
    struct Named: Decodable, Sendable { let name: String }

    let workloads: [Named]
}
