import ClusterModel
import ControlCore

extension Simulation {
    /// Follows a release from its begin to its end, and looks at the hosts themselves rather than at what it says.
    mutating func follow(_ record: PlanRecord) {
        guard let release = record.release, let host = release.host else { return }
        let key = RunLedger.ReleaseKey(plan: record.plan.id, wave: release.wave)
        let inside = Set(engine.state.instances(on: host).map(\.id))
        switch release.stage {
        case .moving: ledger.begin(key, holding: inside, at: elapsed)
        case .watching, .undoing: return
        case .kept, .undone, .left:
            ledger.end(key, host, release.stage, holding: inside, at: elapsed)
        }
    }
}
