import ClusterModel
import Specs
import Wire

extension StructuredValue {
    init(_ policy: Policy) {
        let demand: StructuredValue =
            switch policy.demand {
            case .reserved: "reserved"
            case .percentile(let rank, let window, let margin):
                [
                    "rankPermille": .init(rank), "windowMilliseconds": .init(window),
                    "marginPermille": .init(margin),
                ]
            case .joint(let rule):
                [
                    "chancePermille": .init(rule.chance), "windowMilliseconds": .init(rule.window),
                    "marginPermille": .init(rule.margin),
                ]
            }
        let reserve: StructuredValue =
            switch policy.reserve {
            case .standard: "standard"
            case .hosts(let count): .integer(count)
            }
        self = [
            "mode": .text(policy.mode.rawValue),
            "demand": demand,
            "ceilingCPUPermille": .init(policy.ceilingCPU),
            "ceilingMemoryPermille": .init(policy.ceilingMemory),
            "hotCPUPermille": .init(policy.hotCPU),
            "hotHoldMilliseconds": .init(policy.hotHold),
            "coldCPUPermille": .init(policy.coldCPU),
            "coldHoldMilliseconds": .init(policy.coldHold),
            "reserveHosts": reserve,
            "restMilliseconds": .init(policy.rest),
            "movesPerHost": .integer(policy.movesPerHost),
            "movesPerCluster": .integer(policy.movesPerCluster),
            "movesPerDomain": policy.movesPerDomain.map {
                ["moves": .integer($0.moves), "label": .text($0.label)]
            } ?? .null,
            "movesPerInstance": .integer(policy.movesPerInstance),
            "movesBandwidthBytesPerSecond": policy.movesBandwidth.map {
                .integer(Int(clamping: $0.count))
            } ?? .null,
            "movesCompression": .text(policy.movesCompression.rawValue),
            "movesStreams": .integer(policy.movesStreams),
            "gainMilliseconds": .init(policy.payback),
            "window": .text(policy.window.notation),
            "guard": .text(policy.guardian.rawValue),
            "sleep": .text(policy.sleep.rawValue),
            "guardWindowMilliseconds": .init(policy.guardWindow),
            "guardMemoryMilliseconds": .init(policy.guardMemory),
            "preempt": .text(policy.preempt.rawValue),
        ]
    }

    /// What `policy` allows, and whether anything starts by itself under it.
    init(_ policy: Policy, _ loop: LoopReply) {
        self = StructuredValue(policy).merging([
            "paused": .bool(loop.paused), "startsByItself": .bool(loop.hindrance.isEmpty),
            "hindrance": .text(loop.hindrance),
        ])
    }

    private init(_ share: Share) { self = .integer(Int(share.permille)) }
}
