/// What the operator allows.
package struct Policy: Hashable, Sendable {
    package var mode: Mode
    package var demand: DemandRule
    /// What packing fills a host's processors to.
    package var ceilingCPU: Share
    /// What packing fills a host's memory to.
    package var ceilingMemory: Share
    /// A host above this is relieved.
    package var hotCPU: Share
    package var hotHold: Duration
    /// A host below this is worth emptying.
    package var coldCPU: Share
    package var coldHold: Duration
    package var reserve: Reserve
    /// How long an instance stays after a move.
    package var rest: Duration
    /// Moves at the same time that one host may take part in.
    package var movesPerHost: Int
    package var movesPerCluster: Int
    /// Moves at the same time that one failure domain may take part in; `nil` asks for nothing.
    package var movesPerDomain: DomainBudget?
    /// Moves within any day after which nothing but a host above its hard limit moves an instance by itself.
    package var movesPerInstance: Int
    /// What the moves that leave a host may send together; `nil` is no limit.
    package var movesBandwidth: BytesPerSecond?
    /// How what agents send one another for moves is compressed; QEMU's own streams are not.
    package var movesCompression: Compression
    /// Over how many streams QEMU sends the memory of a VM where that helps, see `MoveStreams`.
    package var movesStreams: Int
    /// Longest time after which the saving of a move has to exceed its cost.
    package var payback: Duration
    /// When automatic moves may start.
    package var window: Window
    /// Which packs are watched, and undone where what they moved does worse than before.
    package var guardian: Guardian
    /// How long is compared, before and after.
    package var guardWindow: Duration
    /// How long a move that was undone is not tried again.
    package var guardMemory: Duration
    /// Whether what is to start, and fits nowhere, takes the place of what is less important.
    package var preempt: Preemption
    /// Whether hosts that a pack emptied are put to sleep.
    package var sleep: Sleeping

    package enum Mode: String, Hashable, Sendable, CaseIterable {
        case off
        /// Plans are made and shown.
        case suggest
        /// Plans are made and run.
        case auto
    }

    /// Which packs are watched after each host that they empty.
    package enum Guardian: String, Hashable, Sendable, CaseIterable {
        case off
        /// Those that begin by themselves.
        case auto
        /// Those of users too.
        case all
    }

    /// Who gives way to what is to start and fits nowhere.
    package enum Preemption: String, Hashable, Sendable, CaseIterable {
        case off
        /// Instances of lower priority.
        case lower
    }

    /// Which hosts are put to sleep.
    package enum Sleeping: String, Hashable, Sendable, CaseIterable {
        /// Those that an operator names.
        case off
        /// Those, too, that have been empty for `coldHold`, while the mode is auto.
        case auto
    }

    /// How what moves is compressed on its way between agents.
    package enum Compression: String, Hashable, Sendable, CaseIterable {
        case none
        case zstd
    }

    /// Room kept for the loss of hosts.
    package enum Reserve: Hashable, Sendable {
        /// One host once there are three, else none.
        case standard
        case hosts(Int)
    }

    /// A bound on the moves under way that leave, reach or stay within each part of the cluster: what shares a rack's uplink
    /// or its power is not strained all at once.
    package struct DomainBudget: Hashable, Sendable {
        package let moves: Int
        /// Label of hosts whose values are the domains; hosts without it are in none.
        package let label: String

        package init(moves: Int, label: String) {
            self.moves = moves
            self.label = label
        }

        /// The domains that a move between `hosts` takes part in, in ascending order.
        package func domains(of hosts: [Host]) -> [String] {
            Set(hosts.compactMap { $0.labels[label] }).sorted()
        }
    }

    package static let standard = Policy()

    /// Out and back in the morning and in the evening: what a load that follows the day asks for, and no more.
    package static let standardMovesPerInstance = 4

    package static let leastMovesBandwidth = BytesPerSecond(1 << 20)

    /// Twelve reports: enough that one slow second does not count for more than it was.
    package static let standardGuardWindow = Duration.seconds(60)
    /// A load that follows the day is as it was a day later.
    package static let standardGuardMemory = Duration.seconds(86_400)

    package init(
        mode: Mode = .suggest, demand: DemandRule = .standard,
        ceilingCPU: Share = .percent(80), ceilingMemory: Share = .percent(90),
        hotCPU: Share = .percent(90), hotHold: Duration = .seconds(120),
        coldCPU: Share = .percent(45), coldHold: Duration = .seconds(900),
        reserve: Reserve = .standard, rest: Duration = .seconds(7200),
        movesPerHost: Int = 2, movesPerCluster: Int = 5,
        movesPerDomain: DomainBudget? = nil,
        movesPerInstance: Int = Policy.standardMovesPerInstance,
        payback: Duration = .seconds(86400),
        window: Window = .always,
        guardian: Guardian = .auto, guardWindow: Duration = Policy.standardGuardWindow,
        guardMemory: Duration = Policy.standardGuardMemory, preempt: Preemption = .off,
        movesBandwidth: BytesPerSecond? = nil, movesCompression: Compression = .none,
        movesStreams: Int = MoveStreams.standard,
        sleep: Sleeping = .off
    ) {
        self.mode = mode
        self.demand = demand
        self.ceilingCPU = ceilingCPU
        self.ceilingMemory = ceilingMemory
        self.hotCPU = hotCPU
        self.hotHold = hotHold
        self.coldCPU = coldCPU
        self.coldHold = coldHold
        self.reserve = reserve
        self.rest = rest
        self.movesPerHost = movesPerHost
        self.movesPerCluster = movesPerCluster
        self.movesPerDomain = movesPerDomain
        self.movesPerInstance = movesPerInstance
        self.payback = payback
        self.window = window
        self.guardian = guardian
        self.guardWindow = guardWindow
        self.guardMemory = guardMemory
        self.preempt = preempt
        self.movesBandwidth = movesBandwidth
        self.movesCompression = movesCompression
        self.movesStreams = movesStreams
        self.sleep = sleep
    }

    /// The rules between keys, which hold for the policy as a whole.
    package func validated() throws(InvalidValue) -> Policy {
        guard hotCPU >= ceilingCPU else {
            throw InvalidValue("hot.cpu", "is below ceiling.cpu: packing would make hosts hot")
        }
        guard coldCPU < ceilingCPU else {
            throw InvalidValue("cold.cpu", "is not below ceiling.cpu: every host would be cold")
        }
        guard ceilingCPU <= .whole, ceilingMemory <= .whole, hotCPU <= .whole else {
            throw InvalidValue("ceiling.cpu", "shares end at 100%")
        }
        guard movesPerHost >= 1, movesPerCluster >= 1, movesPerInstance >= 1 else {
            throw InvalidValue(
                "moves.host", "has to be at least 1", suggestion: "mode off stops all moves")
        }
        guard movesPerDomain.map({ $0.moves >= 1 && !$0.label.isEmpty }) ?? true else {
            throw InvalidValue(
                "moves.domain", "has to be at least 1 per label", suggestion: "write 2 per rack")
        }
        // Below this nothing of a size that anybody has gets anywhere before its move is given up.
        guard movesBandwidth.map({ $0 >= Policy.leastMovesBandwidth }) ?? true else {
            throw InvalidValue(
                "moves.bandwidth", "is below 1 MiB/s", suggestion: "mode off stops all moves")
        }
        guard MoveStreams.range.contains(movesStreams) else {
            throw InvalidValue("moves.streams", "is not from 1 to \(MoveStreams.range.upperBound)")
        }
        // No longer than what is kept of every report.
        guard guardWindow >= .seconds(10), guardWindow <= .seconds(1_200) else {
            throw InvalidValue("guard.window", "is not from 10 s to 20 min")
        }
        if case .joint(let rule) = demand { _ = try rule.validated() }
        guard window.entries.count <= Window.mostEntries else {
            throw InvalidValue("window", "has more than \(Window.mostEntries) entries")
        }
        return self
    }

    /// Above this a host hurts those on it so much that they are moved though they rest: half of
    /// what lies between hot and everything.
    package var hardCPU: Share {
        guard hotCPU < .whole else { return hotCPU }
        return Share(permille: hotCPU.permille + (Share.whole.permille - hotCPU.permille) / 2)
    }

    /// Hosts whose loss has to be survivable among `count` hosts.
    package func reservedHosts(among count: Int) -> Int {
        switch reserve {
        case .standard: count >= 3 ? 1 : 0
        case .hosts(let hosts): hosts
        }
    }

    /// What packing may fill of `allocatable`.
    package func ceiling(of allocatable: Resources) -> Resources {
        var filled = allocatable
        filled.cpu = allocatable.cpu.scaled(by: ceilingCPU)
        filled.memory = allocatable.memory.scaled(by: ceilingMemory)
        return filled
    }
}

/// How reserved and measured use become what an instance counts for.
package enum DemandRule: Hashable, Sendable {
    /// What the spec promises.
    case reserved
    /// A percentile of measured use over a window, with a margin on top.
    case percentile(rank: Share, window: Duration, margin: Share)
    /// What instances used together, bucket by bucket.
    case joint(JointRule)

    package static let standard = DemandRule.percentile(
        rank: .percent(95), window: .seconds(600), margin: .percent(10))
}
