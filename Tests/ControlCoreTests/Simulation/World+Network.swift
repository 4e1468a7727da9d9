import ClusterModel
import ControlCore
import Simulator

extension World {
    // MARK: - Connections

    mutating func connect(_ id: HostID, _ epoch: Int) {
        guard let host = hosts[id], host.agentEpoch == epoch, host.agent != nil, !host.isConnected
        else { return }
        guard engine != nil, !host.isCutOff, !cuts.contains(.coordinator(id)) else {
            agenda.add(.connects(id, epoch: epoch), at: now + 2_000)
            return
        }
        hosts[id]?.isConnected = true
        hosts[id]?.link += 1
        hosts[id]?.lastUp = now
        hosts[id]?.lastDown = now
        tell(id, .greeting(at: clock(of: id)))
        send(
            .hello(
                AgentHello(version: "1", capacity: host.capacity, labels: .none, address: "\(id):1")
            ),
            from: id)
    }

    /// Everything in flight is lost; the agent knows at once, the coordinator some time later.
    mutating func loseConnection(_ id: HostID) {
        guard let host = hosts[id], host.isConnected else { return }
        note("\(id) loses its connection")
        hosts[id]?.isConnected = false
        hosts[id]?.link += 1
        if let session = sessions[id], session.link == host.link {
            agenda.add(
                .sessionNoticedLost(epoch: epoch, id, session.id),
                at: now + milliseconds(1...20_000))
        }
        agenda.add(.connects(id, epoch: host.agentEpoch), at: now + milliseconds(1_000...3_000))
    }

    private mutating func delay() -> Int64 {
        // Now and then something is held up for long, and all that comes after it.
        !isCalm && chance(400) ? milliseconds(1_000...25_000) : milliseconds(1...150)
    }

    // MARK: - Messages

    private func isUp(_ id: HostID, _ link: Int) -> Bool {
        hosts[id]?.link == link && hosts[id]?.isConnected == true
    }

    mutating func send(_ message: Upward, from id: HostID) {
        guard let host = hosts[id], host.isConnected else { return }
        let arrival = max(host.lastUp, now + delay())
        hosts[id]?.lastUp = arrival
        agenda.add(.arrivesAtCoordinator(id, link: host.link, message), at: arrival)
        pass("\(id) sends \(message.word)")
    }

    mutating func send(_ instruction: Instruction, to id: HostID) {
        guard let host = hosts[id], host.isConnected, sessions[id]?.link == host.link else {
            return
        }
        let arrival = max(host.lastDown, now + delay())
        hosts[id]?.lastDown = arrival
        agenda.add(.arrivesAtAgent(id, link: host.link, instruction), at: arrival)
        pass("\(id) is sent \(instruction.word)")
    }

    mutating func arrived(from id: HostID, _ link: Int, _ message: Upward) {
        guard isUp(id, link), engine != nil else { return }
        pass("\(message.word) of \(id) arrives")
        guard isUp(id, link), engine != nil else { return }
        switch message {
        case .hello(let hello):
            lastSession += 1
            let session = SessionID(lastSession)
            sessions[id] = (session, link)
            decide(.connected(id, session, hello))
        case .news(let news):
            guard let session = sessions[id], session.link == link else { return }
            decide(.said(id, session.id, news))
        }
    }

    mutating func arrived(at id: HostID, _ link: Int, _ instruction: Instruction) {
        guard isUp(id, link) else { return }
        pass("\(instruction.word) arrives at \(id)")
        guard isUp(id, link) else { return }
        switch instruction {
        case .welcome: tell(id, .welcomed)
        case .assign(let assigned, let complete, let moving):
            tell(id, .assigned(assigned, complete: complete, moving: moving))
        case .move(let order): tell(id, .ordered(order.sealed))
        case .network(let news):
            let map = hosts[id]?.map ?? NetworkMap(network: news.map.network)
            hosts[id]?.map = news.applied(to: map)
        case .acknowledge: tell(id, .acknowledged)
        }
    }
}
