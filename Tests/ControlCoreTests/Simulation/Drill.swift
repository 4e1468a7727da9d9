import ClusterModel
import ControlCore

/// One move, and what befalls it at which of its step boundaries.
///
/// A boundary is any moment between two steps: before and after a message is sent, before it is heard, before and after the
/// coordinator stores, before an agent keeps something or begins with its driver, after it has begun, before and after
/// what it does is done.
struct Drill: Sendable {
    let move: DrilledMove
    /// How long things take, in sixteenths of the way from the shortest to the longest.
    let tempo: Int64
    /// Whether the user has asked for the move.
    var isUnderWay = false
    /// Boundaries since then.
    var passed = 0
    /// In the order of their boundaries; each goes when it has struck.
    var blows: [Blow] = []
    /// Whether a blow came to a boundary at which there was nothing to strike.
    var hasMissed = false
    var hasLostHost = false
    /// Whether the coordinator has given it up where it was, as it may once a lease has ended.
    var isPlacedAnew = false

    // What dying agents leave of what they were doing.
    var isFinishing = false
    var isFlying = false

    /// A fate at a boundary.
    struct Blow: Hashable, Sendable {
        let boundary: Int
        let fate: Fate
    }

    init(_ move: DrilledMove, tempo: Int64) {
        self.move = move
        self.tempo = tempo
    }

    func moment(in range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + (range.upperBound - range.lowerBound) * tempo / 16
    }
}

/// A way between two ends that does not carry anything just now.
enum Cut: Hashable, Sendable {
    case coordinator(HostID)
    /// Between the two hosts of a drill.
    case peers
}

/// What happens in drills alone.
enum DrillAct: Sendable {
    case asksForMove
    case engineDies(HostID)
    case heals(Cut)
    case fences(HostID)
}

/// The kinds and modes of moves, with what instances have that could be left behind.
enum DrilledMove: String, CaseIterable, Sendable {
    case restartedContainer, restartedVM, liveContainer, liveVM, liveVMWithDisk, postcopyVM,
        relocation
    case leasedRestart, leasedContainer, leasedVM, leasedPostcopyVM, leasedRelocation

    static let source = HostID("h0")
    static let target = HostID("h1")
    static let instance = InstanceID("one-0")

    var kind: Workload.Kind {
        switch self {
        case .restartedVM, .liveVM, .liveVMWithDisk, .postcopyVM, .leasedVM, .leasedPostcopyVM: .vm
        case .restartedContainer, .liveContainer, .relocation, .leasedRestart, .leasedContainer,
            .leasedRelocation:
            .container
        }
    }

    var mode: MoveMode {
        switch self {
        case .restartedContainer, .restartedVM, .leasedRestart: .restart
        case .liveContainer, .liveVM, .liveVMWithDisk, .postcopyVM, .leasedContainer, .leasedVM,
            .leasedPostcopyVM:
            .live
        case .relocation, .leasedRelocation: .relocate
        }
    }

    var isLeased: Bool { rawValue.hasPrefix("leased") }
    /// Whether it is tried at every boundary also where there is little time; others differ from one of these in little.
    var isWhole: Bool { !isLeased && self != .liveVMWithDisk }
    var isStreamed: Bool { kind == .vm && mode == .live }
    var isPostcopy: Bool { self == .postcopyVM || self == .leasedPostcopyVM }

    /// What outlives the instance on its host: a named volume, or a further disk.
    var lasting: [String] {
        switch self {
        case .restartedContainer, .liveContainer: ["data"]
        case .liveVMWithDisk: ["disk0"]
        case .restartedVM, .liveVM, .postcopyVM, .relocation, .leasedRestart, .leasedContainer,
            .leasedVM, .leasedPostcopyVM, .leasedRelocation:
            []
        }
    }

    /// Whether the instance writes anything that has to come along.
    var writes: Bool { kind == .vm || !lasting.isEmpty }

    var workload: Workload {
        get throws {
            let storage =
                kind == .vm
                ? Storage(disks: lasting.map { _ in .mebibytes(64) })
                : Storage(volumes: try lasting.map { try Storage.Volume(name: $0, path: "/\($0)") })
            return try Workload(
                kind: kind, name: WorkloadID("one"),
                image: .named(kind == .vm ? "disk" : "image"), storage: storage,
                size: Resources(cpu: CPU(millicores: 500), memory: .mebibytes(256)),
                move: MovePreference(
                    allow: [mode],
                    converge: isPostcopy ? [.postcopy] : [.slower, .restart]),
                onHostLoss: isLeased ? .restart : .wait)
        }
    }
}

extension Drill {
    /// Whether copies of what outlives an instance may lie where it is not: only what has a name of its own is kept.
    var mayKeepData: Bool { !move.lasting.isEmpty }
}

extension AgentEffect {
    /// Whether something is written or begun with it.
    var isStep: Bool {
        switch self {
        case .keep, .drop, .perform, .interrupt, .flush: true
        case .noteHeard, .probe, .prove, .report, .answerMove: false
        }
    }
}

extension Upward {
    var word: String {
        switch self {
        case .hello: "hello"
        case .news(.report): "use"
        case .news(.statuses): "statuses"
        case .news(.move): "answer"
        case .news(.capacity): "capacity"
        case .news(.moveProgress): "progress"
        }
    }
}

extension Instruction {
    var word: String {
        switch self {
        case .welcome: "welcome"
        case .assign: "assignment"
        case .move(let order): "order to \(order.undo ? "undo " : "")\(order.phase.rawValue)"
        case .network: "network"
        case .acknowledge: "acknowledgement"
        }
    }
}
