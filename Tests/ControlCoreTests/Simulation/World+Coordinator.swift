import ClusterModel
import ControlCore
import Simulator

extension World {
    mutating func startCoordinator() {
        guard engine == nil else { return }
        epoch += 1
        sessions = [:]
        engine = ClusterEngine(state: store.state, now: instant, seed: seed)
        note("coordinator starts")
        agenda.add(.coordinatorTicks(epoch: epoch), at: now + 1_000)
    }

    /// Power is cut, or the process killed: what was not stored is gone, and every connection with it.
    mutating func crashCoordinator(_ moment: String, for pause: Int64? = nil) {
        note("coordinator killed \(moment)")
        engine = nil
        epoch += 1
        for id in hosts.keys.sorted() where hosts[id]?.isConnected == true { loseConnection(id) }
        sessions = [:]
        // Nobody knows whether what was asked was done.
        forgetRequest()
        agenda.add(.coordinatorStarts, at: now + (pause ?? milliseconds(500...6_000)))
    }

    /// Does as the shell does: store, then carry out.
    mutating func decide(_ event: ClusterEvent) {
        guard var engine else { return }
        let before = engine.decided
        let decision = engine.handle(event, at: instant)
        if isLogging { note("C \(Words.of(event))") }
        if !decision.changes.isEmpty {
            if !isCalm, chance(300) { return crashCoordinator("before storing") }
            if isStoreFull || (!isCalm && chance(200)) {
                note("C store refuses")
                engine.restore(before)
                self.engine = engine
                if case .request(let id, _) = event {
                    answered(id, .refused(RequestRefusal(.unavailable, "not stored")))
                }
                return
            }
            pass("C is about to store")
            guard self.engine != nil else { return }
            engine.advance(to: store.transact(decision.changes))
            if isLogging { for change in decision.changes { note("C   \(Words.of(change))") } }
            self.engine = engine
            checkStored(decision.changes)
            pass("C has stored")
            guard self.engine != nil else { return }
            if !isCalm, chance(300) { return crashCoordinator("after storing") }
        }
        self.engine = engine
        for effect in decision.effects {
            carryOut(effect)
            guard self.engine != nil else { return }
            if !isCalm, chance(2_000) { return crashCoordinator("between effects") }
        }
    }

    private mutating func carryOut(_ effect: ClusterEffect) {
        switch effect {
        case .answer(let id, let answer): answered(id, answer)
        case .instruct(let host, let instruction): send(instruction, to: host)
        case .disconnect(let host, let why):
            note("C disconnects \(host): \(why)")
            if sessions[host]?.link == hosts[host]?.link { loseConnection(host) }
        case .plan(let job):
            agenda.add(.planned(epoch: epoch, job), at: now + milliseconds(1...2_000))
        case .audit(let plan, let job):
            agenda.add(
                .audited(epoch: epoch, plan, job), at: now + milliseconds(1...500))
        case .progress, .power: break
        }
    }
}
