import ClusterModel
import Wire

extension Sampler {
    mutating func agentMessage() -> AgentMessage {
        switch below(6) {
        case 5: .moveProgress(MoveProgressNote(move: id(), progress: moveProgress()))
        case 0: .hello(hello())
        case 1: .report(report())
        case 2: .statuses(Statuses(instances: list { $0.status() }))
        case 3: .moveResult(moveResult())
        default: .capacity(capacity())
        }
    }

    mutating func hello() -> Hello {
        Hello(
            protocol: count(), version: text(), host: id(), capacity: capacity(),
            labels: labels(), address: text())
    }

    mutating func report() -> Report {
        Report(
            host: use(), instances: list { InstanceUse(id: $0.id(), use: $0.use()) },
            images: list { $0.text() })
    }

    mutating func status() -> InstanceStatus {
        InstanceStatus(id: id(), generation: Generation(counter()), observed: observed())
    }

    mutating func moveResult() -> MoveResult {
        MoveResult(
            move: id(), phase: one(), undo: flag(), failure: maybe { $0.text() },
            endpoint: maybe { $0.endpoint() }, measure: moveMeasure(),
            verdict: maybe { $0.checkpointVerdict() })
    }

    mutating func address() -> IPv4Address {
        IPv4Address(bits: UInt32(truncatingIfNeeded: number()))
    }

    mutating func endpoint() -> MoveEndpoint {
        MoveEndpoint(
            address: address(), memoryPort: UInt16(1 + below(65_535)),
            diskPort: maybe { UInt16(1 + $0.below(65_535)) }, hasBalloon: flag(),
            streams: 1 + below(9), takesPostcopy: flag())
    }

    mutating func moveProgress() -> MoveProgress {
        MoveProgress(
            rounds: count(), transferred: Bytes(number()), remaining: Bytes(number()),
            bytesPerSecond: number())
    }

    mutating func advance() -> MoveAdvance {
        MoveAdvance(latest: moveProgress(), share: Share(permille: UInt32(below(1_001))))
    }

    mutating func credentials() -> MoveCredentials {
        MoveCredentials(authority: text(), certificate: text(), key: text(), name: text())
    }

    mutating func networkNews() -> NetworkNews {
        var map = NetworkMap()
        for _ in 0..<below(4) {
            map.hosts[id()] = NetworkMap.HostEnd(underlay: address(), address: address())
            map.instances[id()] = NetworkMap.Entry(
                address: address(), host: maybe { $0.id() }, ports: list { $0.port() })
        }
        return NetworkNews(
            map: map, goneHosts: list { $0.id() }, goneInstances: list { $0.id() },
            complete: flag())
    }

    mutating func coordinatorMessage() -> CoordinatorMessage {
        switch below(7) {
        case 5: .network(networkNews())
        case 0: .welcome(Welcome(protocol: count(), version: text(), lease: duration()))
        case 1:
            .assignments(
                Assignments(
                    assignments: list { $0.assignment() }, complete: flag(),
                    moving: list { $0.id() }))
        case 2: .move(moveOrder())
        case 3: .attach(attachOrder())
        case 4:
            .revocations(Revocations(certificates: list { $0.revokedCertificate() }))
        default: .acknowledged
        }
    }

    mutating func revokedCertificate() -> RevokedCertificate {
        RevokedCertificate(serial: bytes(), notAfter: instant())
    }

    mutating func assignment() -> Assignment {
        Assignment(
            instance: id(), generation: Generation(counter()), desired: one(),
            workload: workload(), image: maybe { $0.image() }, imageHosts: list { $0.text() },
            removeVolumes: flag(), address: maybe { $0.address() })
    }

    mutating func moveOrder() -> MoveOrder {
        MoveOrder(
            move: move(), phase: one(), undo: flag(), assignment: assignment(),
            sourceAddress: text(), endpoint: maybe { $0.endpoint() },
            credentials: maybe { $0.credentials() },
            bandwidth: maybe { BytesPerSecond(1 + $0.counter()) }, compression: one(),
            streams: 1 + below(9), takesPostcopy: flag(),
            source: MoveSource(hasLetGo: flag(), isGone: flag()))
    }

    mutating func attachOrder() -> AttachOrder {
        AttachOrder(
            session: text(), kind: one(), instance: id(), follow: flag(),
            tail: maybe { $0.count() }, command: list { $0.text() }, terminal: flag(),
            fromArrival: flag())
    }

    mutating func attachOutput() -> AttachOutput {
        switch below(3) {
        case 0: .session(text())
        case 1: .output(OutputChunk(errorStream: flag(), bytes: bytes()))
        default:
            .end(
                AttachEnd(exitCode: Int(Int32(truncatingIfNeeded: number())), failure: text()))
        }
    }

    mutating func terminalRequest() -> TerminalRequest {
        switch below(3) {
        case 0:
            .start(TerminalStart(instance: id(), command: list { $0.text() }, terminal: flag()))
        case 1: .bytes(bytes())
        default: .closed
        }
    }

    mutating func addImageRequest() -> AddImageRequest {
        flag()
            ? .bytes(bytes())
            : .header(
                AddImageHeader(
                    id: id(), format: one(), append: text(), sizes: list { Bytes($0.number()) }))
    }

    mutating func change() -> WorkloadChange {
        WorkloadChange(
            workload: id(), kind: one(), differences: list { $0.text() },
            starts: list { $0.id() }, replaces: list { $0.id() }, removes: list { $0.id() })
    }

    mutating func instanceSummary() -> InstanceSummary {
        InstanceSummary(
            instance: instance(), kind: one(), reserved: resources(), use: maybe { $0.use() },
            orphan: flag())
    }

    mutating func hostSummary() -> HostSummary {
        HostSummary(
            host: host(), reserved: resources(), use: maybe { $0.use() }, instances: count(),
            address: text(), version: text(), heardAt: maybe { $0.instant() })
    }

    mutating func progress() -> PlanProgress {
        PlanProgress(
            state: one(), reason: text(), step: maybe { Step.StepID($0.count()) },
            stepState: one(), phase: maybe { $0.one() }, progress: maybe { $0.advance() })
    }

    mutating func moveSummary() -> MoveSummary {
        MoveSummary(
            move: move(), phase: one(), outcome: maybe { $0.outcome() }, beganAt: instant(),
            endedAt: maybe { $0.instant() }, endpoint: maybe { $0.endpoint() },
            progress: maybe { $0.advance() }, forecast: maybe { $0.moveForecast() },
            measure: moveMeasure(), hasLetGo: flag(),
            sourceBoot: text())
    }

    mutating func verdict() -> HostVerdict {
        HostVerdict(
            host: id(), current: flag(), misfit: maybe { $0.misfit() }, room: resources(),
            mode: maybe { $0.one() }, obstacle: maybe { $0.text() + "x" },
            relocateObstacle: maybe { $0.text() + "x" }, exceedance: maybe { $0.exceedance() },
            rank: maybe { 1 + $0.below(9) },
            score: maybe { $0.score() }, flips: list { $0.flip() },
            forecast: maybe { $0.moveForecast() })
    }

    mutating func score() -> HostVerdict.Score {
        HostVerdict.Score(
            missing: count(), isEmpty: flag(), fullness: Share(permille: UInt32(count())),
            resource: name())
    }

    mutating func flip() -> Flip { Flip(list { $0.flipChange() }) }

    mutating func flipChange() -> Flip.Change {
        let all: [Flip.Change] = [
            .ready(id()), .capability(id(), one()), .label(id(), label()), .unlabel(id(), label()),
            .untaint(id(), label()), .room(id(), resources()), .leave(id(), from: id()),
            .bring(id(), to: id()), .settle(id()), .run(id()), .tolerate(id(), label()),
            .dropNeed(id(), label()), .dropAvoid(id(), label()), .dropApart(id()),
            .dropSpread(id()), .allow(id(), one()), .smaller(id(), by: resources()),
            .ceilingCPU(Share(permille: UInt32(count()))),
            .ceilingMemory(Share(permille: UInt32(count()))), .rest(duration()),
            .reserve(count()), .wait(until: instant()), .recovery(id(), duration()),
        ]
        return all[below(all.count)]
    }
}
