import CHuddleProto
package import ClusterModel

extension Policy: WireMessage, WireValue {
    /// Reads the whole policy; the reserve and the window have defaults, and the rules between keys hold.
    init(raw: Huddle__V1__Policy) throws(InvalidValue) {
        let hasReserve =
            raw.reserve_presence_case == HUDDLE__V1__POLICY__RESERVE_PRESENCE_RESERVE_HOSTS
        let hasMemory =
            raw.guard_memory_presence_case
            == HUDDLE__V1__POLICY__GUARD_MEMORY_PRESENCE_GUARD_MEMORY_MILLISECONDS
        let policy = Policy(
            mode: try Mode(raw.mode, "mode"), demand: try Self.demand(raw),
            ceilingCPU: Share(permille: raw.ceiling_cpu_permille),
            ceilingMemory: Share(permille: raw.ceiling_memory_permille),
            hotCPU: Share(permille: raw.hot_cpu_permille),
            hotHold: try Duration(raw.hot_hold_milliseconds, "hot.hold"),
            coldCPU: Share(permille: raw.cold_cpu_permille),
            coldHold: try Duration(raw.cold_hold_milliseconds, "cold.hold"),
            reserve: hasReserve ? .hosts(Int(raw.reserve_hosts)) : .standard,
            rest: try Duration(raw.rest_milliseconds, "rest"),
            movesPerHost: Int(raw.moves_per_host), movesPerCluster: Int(raw.moves_per_cluster),
            movesPerDomain: try optional(raw.moves_per_domain),
            // Kept or sent by one that did not know it.
            movesPerInstance: raw.moves_per_instance == 0
                ? Policy.standardMovesPerInstance : Int(raw.moves_per_instance),
            payback: try Duration(raw.payback_milliseconds, "gain"),
            window: try optional(raw.window) ?? .always,
            guardian: try Guardian(raw.guard, "guard"),
            guardWindow: raw.guard_window_milliseconds == 0
                ? Policy.standardGuardWindow
                : try Duration(raw.guard_window_milliseconds, "guard.window"),
            guardMemory: hasMemory
                ? try Duration(raw.guard_memory_milliseconds, "guard.memory")
                : Policy.standardGuardMemory,
            preempt: try Preemption(raw.preempt, "preempt"),
            movesBandwidth: raw.moves_bandwidth == 0 ? nil : BytesPerSecond(raw.moves_bandwidth),
            movesCompression: try Compression(raw.moves_compression, "moves.compression"),
            movesStreams: raw.moves_streams == 0 ? MoveStreams.standard : Int(raw.moves_streams),
            sleep: try Sleeping(raw.sleep, "sleep"))
        self = try policy.validated()
    }

    private static func demand(_ raw: Huddle__V1__Policy) throws(InvalidValue) -> DemandRule {
        switch raw.demand_case {
        case HUDDLE__V1__POLICY__DEMAND_RESERVED where raw.reserved != 0: return .reserved
        case HUDDLE__V1__POLICY__DEMAND_PERCENTILE:
            guard let rule = raw.percentile?.pointee else { throw .missing("demand") }
            return .percentile(
                rank: Share(permille: rule.rank_permille),
                window: try Duration(rule.window_milliseconds, "demand"),
                margin: Share(permille: rule.margin_permille))
        case HUDDLE__V1__POLICY__DEMAND_JOINT:
            guard let rule = raw.joint?.pointee else { throw .missing("demand") }
            return .joint(
                JointRule(
                    chance: Share(permille: rule.chance_permille),
                    window: try Duration(rule.window_milliseconds, "demand"),
                    margin: Share(permille: rule.margin_permille)))
        default: throw .missing("demand")
        }
    }

    func fill(_ raw: inout Huddle__V1__Policy, _ arena: inout Arena) {
        raw.mode = mode.wire
        switch demand {
        case .reserved:
            raw.demand_case = HUDDLE__V1__POLICY__DEMAND_RESERVED
            raw.reserved = true.wire
        case .percentile(let rank, let window, let margin):
            var rule = Huddle__V1__PercentileDemand.empty
            rule.rank_permille = rank.permille
            rule.window_milliseconds = window.wire
            rule.margin_permille = margin.permille
            raw.demand_case = HUDDLE__V1__POLICY__DEMAND_PERCENTILE
            raw.percentile = arena.place(rule)
        case .joint(let joint):
            var rule = Huddle__V1__JointDemand.empty
            rule.chance_permille = joint.chance.permille
            rule.window_milliseconds = joint.window.wire
            rule.margin_permille = joint.margin.permille
            raw.demand_case = HUDDLE__V1__POLICY__DEMAND_JOINT
            raw.joint = arena.place(rule)
        }
        raw.ceiling_cpu_permille = ceilingCPU.permille
        raw.ceiling_memory_permille = ceilingMemory.permille
        raw.hot_cpu_permille = hotCPU.permille
        raw.hot_hold_milliseconds = hotHold.wire
        raw.cold_cpu_permille = coldCPU.permille
        raw.cold_hold_milliseconds = coldHold.wire
        if case .hosts(let hosts) = reserve {
            raw.reserve_presence_case = HUDDLE__V1__POLICY__RESERVE_PRESENCE_RESERVE_HOSTS
            raw.reserve_hosts = UInt32(clamping: hosts)
        }
        raw.rest_milliseconds = rest.wire
        raw.moves_per_host = UInt32(clamping: movesPerHost)
        raw.moves_per_cluster = UInt32(clamping: movesPerCluster)
        if let movesPerDomain { raw.moves_per_domain = arena.message(movesPerDomain) }
        if movesPerInstance != Policy.standardMovesPerInstance {
            raw.moves_per_instance = UInt32(clamping: movesPerInstance)
        }
        raw.payback_milliseconds = payback.wire
        if window != .always { raw.window = arena.message(window) }
        raw.guard = guardian.wire
        raw.preempt = preempt.wire
        if guardWindow != Policy.standardGuardWindow {
            raw.guard_window_milliseconds = guardWindow.wire
        }
        if guardMemory != Policy.standardGuardMemory {
            raw.guard_memory_presence_case =
                HUDDLE__V1__POLICY__GUARD_MEMORY_PRESENCE_GUARD_MEMORY_MILLISECONDS
            raw.guard_memory_milliseconds = guardMemory.wire
        }
        raw.moves_bandwidth = movesBandwidth?.count ?? 0
        raw.moves_compression = movesCompression.wire
        if movesStreams != MoveStreams.standard {
            raw.moves_streams = UInt32(clamping: movesStreams)
        }
        raw.sleep = sleep.wire
    }
}

extension Policy.Sleeping: WireEnum {
    var wire: Huddle__V1__PolicySleep {
        switch self {
        case .off: HUDDLE__V1__POLICY_SLEEP__POLICY_SLEEP_UNSPECIFIED
        case .auto: HUDDLE__V1__POLICY_SLEEP__POLICY_SLEEP_AUTO
        }
    }
}

extension Policy.Compression: WireEnum {
    var wire: Huddle__V1__PolicyCompression {
        switch self {
        case .none: HUDDLE__V1__POLICY_COMPRESSION__POLICY_COMPRESSION_UNSPECIFIED
        case .zstd: HUDDLE__V1__POLICY_COMPRESSION__POLICY_COMPRESSION_ZSTD
        }
    }
}

extension Policy.Preemption: WireEnum {
    var wire: Huddle__V1__PolicyPreemption {
        switch self {
        case .off: HUDDLE__V1__POLICY_PREEMPTION__POLICY_PREEMPTION_UNSPECIFIED
        case .lower: HUDDLE__V1__POLICY_PREEMPTION__POLICY_PREEMPTION_LOWER
        }
    }
}
