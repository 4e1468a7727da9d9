import ClusterModel
import ControlCore
import Testing

@Suite struct ManyHostsTests {
    @Test("ten thousand hosts that fall silent at once are noted bit by bit, each once")
    func silence() {
        let ids = (0..<10_000).map { HostID("h\($0)") }
        var store = SimulatedStore()
        _ = store.transact(ids.map { .putHost(HostRecord(id: $0)) })
        var now = Instant(milliseconds: 1_000_000)
        var engine = ClusterEngine(state: store.state, now: now, seed: 1)
        var noted = 0
        var most = 0
        for _ in 0..<30 {
            now = now.advanced(by: .seconds(1))
            let changes = engine.handle(.tick, at: now).changes
            _ = store.transact(changes)
            most = max(most, changes.count)
            noted +=
                changes.filter { change in
                    guard case .occurred = change else { return false }
                    return true
                }.count
        }
        #expect(noted == ids.count)
        // One host's changes may follow the one that reached the bound.
        #expect(most <= ControlLimits.changesPerTick + 10, "\(most)")
        #expect(ids.allSatisfy { engine.hostState($0) == .lost })
    }
}
