package import ClusterModel

/// One setting of the policy under the name that operators use.
package enum PolicyKey: String, Hashable, Sendable, CaseIterable {
    case mode
    case demand
    case ceilingCPU = "ceiling.cpu"
    case ceilingMemory = "ceiling.memory"
    case hotCPU = "hot.cpu"
    case hotHold = "hot.hold"
    case coldCPU = "cold.cpu"
    case coldHold = "cold.hold"
    case reserve
    case rest
    case movesPerHost = "moves.host"
    case movesPerCluster = "moves.cluster"
    case movesPerDomain = "moves.domain"
    case movesPerInstance = "moves.instance"
    case movesBandwidth = "moves.bandwidth"
    case movesCompression = "moves.compression"
    case movesStreams = "moves.streams"
    case gain
    case window
    case guardian = "guard"
    case guardWindow = "guard.window"
    case guardMemory = "guard.memory"
    case preempt
    case sleep

    /// What the setting does, in a few words.
    package var meaning: String {
        switch self {
        case .mode: "off, suggest (plans are made and shown) or auto (and run)"
        case .demand: "what an instance counts for: reserved, or a percentile of use with a margin"
        case .ceilingCPU: "what packing fills a host's processors to"
        case .ceilingMemory: "what packing fills a host's memory to"
        case .hotCPU: "a host above this is relieved"
        case .hotHold: "how long it has to be hot first"
        case .coldCPU: "a host below this is worth emptying"
        case .coldHold: "how long it has to be cold first"
        case .reserve: "room kept for the loss of this many hosts"
        case .rest: "how long an instance stays after a move"
        case .movesPerHost: "moves at the same time that a host takes part in"
        case .movesPerCluster: "moves at the same time in the whole cluster"
        case .movesPerDomain: "moves at the same time that a failure domain takes part in"
        case .movesPerInstance: "automatic moves of an instance within a day"
        case .movesBandwidth: "what all moves that leave a host may send together"
        case .movesCompression: "none or zstd: how what agents send for moves is compressed"
        case .movesStreams: "over how many streams a VM's memory moves where that helps"
        case .gain: "longest time until a move has paid for itself"
        case .window: "when automatic moves may start, in UTC"
        case .guardian: "off, auto or all: which packs are undone when something does worse"
        case .guardWindow: "how long is compared, before and after"
        case .guardMemory: "how long a move that was undone is not tried again"
        case .preempt: "off or lower: who gives way to what is to start and fits nowhere"
        case .sleep: "off or auto: whether hosts that stay empty for cold.hold are put to sleep"
        }
    }

    /// The setting's value in `policy`, as `set` reads it.
    package func value(in policy: Policy) -> String {
        switch self {
        case .mode: policy.mode.rawValue
        case .demand: policy.demand.notation
        case .ceilingCPU: policy.ceilingCPU.notation
        case .ceilingMemory: policy.ceilingMemory.notation
        case .hotCPU: policy.hotCPU.notation
        case .hotHold: policy.hotHold.notation
        case .coldCPU: policy.coldCPU.notation
        case .coldHold: policy.coldHold.notation
        case .reserve: policy.reserve.notation
        case .rest: policy.rest.notation
        case .movesPerHost: "\(policy.movesPerHost)"
        case .movesPerCluster: "\(policy.movesPerCluster)"
        case .movesPerDomain: policy.movesPerDomain?.notation ?? "any"
        case .movesPerInstance: "\(policy.movesPerInstance)"
        case .movesBandwidth: policy.movesBandwidth?.notation ?? "none"
        case .movesCompression: policy.movesCompression.rawValue
        case .movesStreams: "\(policy.movesStreams)"
        case .gain: policy.payback.notation
        case .window: policy.window.notation
        case .guardian: policy.guardian.rawValue
        case .guardWindow: policy.guardWindow.notation
        case .guardMemory: policy.guardMemory.notation
        case .preempt: policy.preempt.rawValue
        case .sleep: policy.sleep.rawValue
        }
    }

    /// Reads `text` and sets this key in `policy`.
    package func set(_ text: String, in policy: inout Policy) throws(NotationFailure) {
        switch self {
        case .mode:
            policy.mode = try Self.word(text, "no mode")
        case .demand: policy.demand = try DemandRule(notation: text)
        case .ceilingCPU: policy.ceilingCPU = try Share(notation: text)
        case .ceilingMemory: policy.ceilingMemory = try Share(notation: text)
        case .hotCPU: policy.hotCPU = try Share(notation: text)
        case .hotHold: policy.hotHold = try Duration(notation: text)
        case .coldCPU: policy.coldCPU = try Share(notation: text)
        case .coldHold: policy.coldHold = try Duration(notation: text)
        case .reserve: policy.reserve = try Policy.Reserve(notation: text)
        case .rest: policy.rest = try Duration(notation: text)
        case .movesPerHost: policy.movesPerHost = try Self.count(text)
        case .movesPerCluster: policy.movesPerCluster = try Self.count(text)
        case .movesPerDomain:
            policy.movesPerDomain = text == "any" ? nil : try Policy.DomainBudget(notation: text)
        case .movesPerInstance: policy.movesPerInstance = try Self.count(text)
        case .movesBandwidth:
            policy.movesBandwidth = text == "none" ? nil : try BytesPerSecond(notation: text)
        case .movesCompression: policy.movesCompression = try Self.word(text, "no compression")
        case .movesStreams: policy.movesStreams = try Self.count(text, of: MoveStreams.range)
        case .gain: policy.payback = try Duration(notation: text)
        case .window: policy.window = try Window(notation: text)
        case .guardian: policy.guardian = try Self.word(text, "no guard")
        case .guardWindow: policy.guardWindow = try Duration(notation: text)
        case .guardMemory: policy.guardMemory = try Duration(notation: text)
        case .preempt: policy.preempt = try Self.word(text, "no preemption")
        case .sleep: policy.sleep = try Self.word(text, "no way to sleep")
        }
    }

    private static func word<Choice>(
        _ text: String, _ problem: String
    ) throws(NotationFailure) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        if let choice = Choice(rawValue: text) { return choice }
        let words = Choice.allCases.map(\.rawValue)
        throw NotationFailure(
            "'\(text)' is \(problem)", suggestion: Spelling.advice(for: text, among: words))
    }

    /// Most moves that make sense to ask for.
    private static let mostMoves = 10_000

    static func count(
        _ text: String, of range: ClosedRange<Int> = 1...mostMoves
    ) throws(NotationFailure) -> Int {
        guard let count = Int(text), range.contains(count) else {
            throw NotationFailure(
                "'\(text)' is not a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return count
    }
}
