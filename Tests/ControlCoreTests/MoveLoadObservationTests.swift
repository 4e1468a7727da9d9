import ClusterModel
import ControlCore
import Testing

/// What a live move would carry belongs to one guest's memory.
@Suite struct MoveLoadObservationTests {
    private let id = InstanceID("db-0")
    private let load = MoveLoad(at: Instant(milliseconds: 1), memory: .mebibytes(100))

    /// The target says first what it was told, and then what runs: a further move at once is forecast by what is known.
    @Test func itGoesAlongWithTheGuest() {
        var seen = Observations(since: Instant(milliseconds: 0))
        seen.note(id, on: HostID("a"), .running, Generation(1))
        seen.note(load, of: id, on: HostID("a"))
        seen.note(id, on: HostID("b"), .running, Generation(2))
        seen.note(id, on: HostID("b"), .running, Generation(3))
        #expect(seen.instances[id]?.load == load)
    }

    @Test func anotherOfItsNameHasOtherMemory() {
        var seen = Observations(since: Instant(milliseconds: 0))
        seen.note(id, on: HostID("a"), .running, Generation(1))
        seen.note(load, of: id, on: HostID("a"))
        seen.forget(id)
        seen.note(id, on: HostID("a"), .running, Generation(2))
        #expect(seen.instances[id]?.load == nil)
    }
}
