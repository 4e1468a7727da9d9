import ClusterModel
import ControlCore
import Testing

/// What a live move would carry belongs to one guest's memory.
@Suite struct MoveLoadObservationTests {
    private let id = InstanceID("db-0")
    private let load = MoveLoad(at: Instant(milliseconds: 1), memory: .mebibytes(100))

    private func observations() -> Observations {
        var seen = Observations(since: Instant(milliseconds: 0))
        seen.note(id, on: HostID("a"), .running, Generation(1))
        seen.note(load, of: id, on: HostID("a"))
        return seen
    }

    @Test func itGoesAlongWithTheGuest() {
        var seen = observations()
        seen.note(id, on: HostID("b"), .running, Generation(2))
        #expect(seen.instances[id]?.load == load)
    }

    @Test func aGuestStartedAnewHasOtherMemory() {
        var seen = observations()
        seen.note(id, on: HostID("a"), .starting, Generation(1))
        #expect(seen.instances[id]?.load == load)
        seen.note(id, on: HostID("a"), .running, Generation(2))
        #expect(seen.instances[id]?.load == nil)
    }
}
