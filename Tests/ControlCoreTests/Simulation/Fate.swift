import ClusterModel
import ControlCore
import Simulator

/// What can befall a move at one of its step boundaries.
enum Fate: String, CaseIterable, Sendable {
    /// The agent dies, and what it was doing is not done; it is back in two seconds.
    case sourceAgent, targetAgent
    /// What it was doing is done all the same.
    case sourceAgentDone, targetAgentDone
    /// In the middle of a switch-over, which goes on without it and ends later.
    case sourceAgentFlying
    /// The instance's own process dies: QEMU, or the container's.
    case sourceProcess, targetProcess
    /// What drives instances, Podman or a QEMU's monitor, dies: what is under way, and what begins in the next four
    /// seconds, fails half done.
    case sourceEngine, targetEngine
    /// The coordinator dies with what it has not stored; it is back in two seconds, or in a minute.
    case coordinator, coordinatorAway
    /// The store refuses for three seconds.
    case store
    /// A connection to the coordinator is lost, with all that is in flight, and can be made anew at once.
    case sourceConnection, targetConnection
    /// The coordinator and a host do not hear each other for twenty seconds.
    case sourceCut, targetCut
    /// The two hosts do not hear each other.
    case peersCut
    /// A host hears nobody.
    case sourceAlone, targetAlone
    /// What a host and the coordinator say to each other is held up for twenty seconds.
    case sourceStalled, targetStalled
    /// A host loses its power, and has it again after twenty seconds.
    case sourceReboot, targetReboot
    /// It does not come back; it is fenced, repaired and joined anew.
    case sourceDead, targetDead
}

extension Drill {
    /// Whether something has happened after which what the instance wrote may be given up.
    var mayBeginAnew: Bool { hasLostHost || (move.isLeased && isPlacedAnew) }
}

extension World {
    private static let source = DrilledMove.source
    private static let target = DrilledMove.target

    /// A boundary: whatever is to strike here, strikes.
    mutating func pass(_ words: @autoclosure () -> String) {
        guard let drill, drill.isUnderWay else { return }
        let passed = drill.passed + 1
        self.drill?.passed = passed
        if isLogging { note("-- \(passed) \(words())") }
        while let blow = self.drill?.blows.first, blow.boundary <= passed {
            self.drill?.blows.removeFirst()
            note("** \(blow.fate.rawValue)")
            if !strike(blow.fate) { self.drill?.hasMissed = true }
        }
    }

    /// `false` when there is nothing to strike.
    private mutating func strike(_ fate: Fate) -> Bool {
        switch fate {
        case .sourceAgent: return kill(Self.source)
        case .targetAgent: return kill(Self.target)
        case .sourceAgentDone: return killWhenBusy(Self.source)
        case .targetAgentDone: return killWhenBusy(Self.target)
        case .sourceAgentFlying: return killInSwitchOver()
        case .sourceProcess: return endProcess(on: Self.source)
        case .targetProcess: return endProcess(on: Self.target)
        case .sourceEngine: return endEngine(on: Self.source)
        case .targetEngine: return endEngine(on: Self.target)
        case .coordinator: return stopCoordinator(for: 2_000)
        case .coordinatorAway: return stopCoordinator(for: 60_000)
        case .store: return fillStore()
        case .sourceConnection: return drop(Self.source)
        case .targetConnection: return drop(Self.target)
        case .sourceCut: return cut(.coordinator(Self.source))
        case .targetCut: return cut(.coordinator(Self.target))
        case .peersCut: return cut(.peers)
        case .sourceAlone: return isolate(Self.source)
        case .targetAlone: return isolate(Self.target)
        case .sourceStalled: return stall(Self.source)
        case .targetStalled: return stall(Self.target)
        case .sourceReboot: return reboot(Self.source)
        case .targetReboot: return reboot(Self.target)
        case .sourceDead: return lose(Self.source)
        case .targetDead: return lose(Self.target)
        }
    }

    // MARK: - Agents and what they drive

    private mutating func kill(_ id: HostID) -> Bool {
        guard hosts[id]?.agent != nil else { return false }
        killAgent(id)
        agenda.add(.agentStarts(id), at: now + 2_000)
        return true
    }

    private mutating func killWhenBusy(_ id: HostID) -> Bool {
        guard hosts[id]?.operations.isEmpty == false else { return false }
        drill?.isFinishing = true
        defer { drill?.isFinishing = false }
        return kill(id)
    }

    private mutating func killInSwitchOver() -> Bool {
        let isSwitchingOver = hosts[Self.source]?.operations.values.contains { operation in
            if case .handOver = operation.verb { true } else { false }
        }
        guard isSwitchingOver == true else { return false }
        drill?.isFlying = true
        defer { drill?.isFlying = false }
        return killWhenBusy(Self.source)
    }

    /// What waits for a stream is nothing without its process, and so is a guest that has come and was not taken yet.
    private mutating func endProcess(on id: HostID) -> Bool {
        let instance = DrilledMove.instance
        guard let host = hosts[id], host.belongings[instance]?.contains(.process) == true,
            host.driver.copies[instance] != nil
        else { return false }
        if isHereForGood(instance, on: id) {
            hosts[id]?.driver.copies[instance]?.isRunning = false
            hosts[id]?.driver.copies[instance]?.rest = .ended
        } else if isReceiving(instance, on: id) {
            hosts[id]?.driver.copies[instance] = nil
        } else {
            hosts[id]?.driver.copies[instance]?.isRunning = false
            hosts[id]?.driver.copies[instance]?.code = 137
        }
        hosts[id]?.driver.letGo.remove(instance)
        hosts[id]?.driver.streams[instance] = nil
        hosts[id]?.flights[instance] = nil
        bereave(instance, on: id, of: [.process, .stream, .export])
        if presents[instance] == id { presents[instance] = nil }
        return true
    }

    func isReceiving(_ instance: InstanceID, on id: HostID) -> Bool {
        hosts[id]?.driver.copies[instance]?.isReceiving == true
    }

    /// Whether it ran there before all of its memory had come: its files are there, and those at its source are of before.
    func isHereForGood(_ instance: InstanceID, on id: HostID) -> Bool {
        hosts[id]?.driver.copies[instance].map { copy in
            copy.isReceiving && copy.takesPostcopy && (copy.isRunning || copy.rest != .none)
        } ?? false
    }

    private mutating func endEngine(on id: HostID) -> Bool {
        guard hosts[id]?.isPowered == true else { return false }
        hosts[id]?.isDumbUntil = now + 4_000
        agenda.add(.drilled(.engineDies(id)), at: now)
        return true
    }

    private mutating func engineDies(on id: HostID) {
        for number in hosts[id]?.operations.keys.sorted() ?? [] {
            guard let operation = hosts[id]?.operations.removeValue(forKey: number) else {
                continue
            }
            tell(id, .finished(operation, failure: "the engine died"))
        }
    }

    // MARK: - The coordinator, and ways

    private mutating func stopCoordinator(for pause: Int64) -> Bool {
        guard engine != nil else { return false }
        crashCoordinator("at a boundary", for: pause)
        return true
    }

    private mutating func fillStore() -> Bool {
        isStoreFull = true
        agenda.add(.storeHeals, at: now + 3_000)
        return true
    }

    private mutating func drop(_ id: HostID) -> Bool {
        guard hosts[id]?.isConnected == true else { return false }
        loseConnection(id)
        return true
    }

    private mutating func cut(_ cut: Cut) -> Bool {
        cuts.insert(cut)
        if case .coordinator(let id) = cut { loseConnection(id) }
        agenda.add(.drilled(.heals(cut)), at: now + 20_000)
        return true
    }

    private mutating func isolate(_ id: HostID) -> Bool {
        hosts[id]?.isCutOff = true
        loseConnection(id)
        agenda.add(.networkHeals(id), at: now + 20_000)
        return true
    }

    private mutating func stall(_ id: HostID) -> Bool {
        guard hosts[id]?.isConnected == true else { return false }
        hosts[id]?.lastUp = now + 20_000
        hosts[id]?.lastDown = now + 20_000
        return true
    }

    // MARK: - Machines

    private mutating func reboot(_ id: HostID) -> Bool {
        guard hosts[id]?.isPowered == true else { return false }
        powerOff(id)
        agenda.add(.powerReturns(id), at: now + 20_000)
        return true
    }

    private mutating func lose(_ id: HostID) -> Bool {
        guard hosts[id]?.isPowered == true else { return false }
        drill?.hasLostHost = true
        powerOff(id)
        agenda.add(.drilled(.fences(id)), at: now + 20_000)
        return true
    }

    // MARK: - What follows

    mutating func drilled(_ act: DrillAct) {
        switch act {
        case .asksForMove: askForMove()
        case .engineDies(let id): engineDies(on: id)
        case .heals(let cut): cuts.remove(cut)
        case .fences(let id):
            guard hosts[id]?.isFenced == false else { return }
            agenda.add(.drilled(.fences(id)), at: now + 5_000)
            guard let engine, asked == nil, engine.hostState(id) == .lost else { return }
            ask(.fence(id))
        }
    }

    private mutating func askForMove() {
        guard let drill else { return }
        self.drill?.isUnderWay = true
        ask(.plan(.move(DrilledMove.instance, to: Self.target, mode: drill.move.mode)))
    }
}
