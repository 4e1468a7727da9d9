import ClusterModel
import Testing

@testable import Drivers

/// When a guest that stands still at the end of its copy has done so for too long.
@Suite struct StandingGuestsTests {
    private let guests = StandingGuests()
    private let begun = ContinuousClock.now
    private let id = InstanceID("web-0")

    private func isEnough(_ stands: Bool, after seconds: Int) -> Bool {
        guests.isEnough(stands, of: id, at: begun + .seconds(seconds))
    }

    @Test func tenSecondsInARowAreEnoughOnce() {
        #expect(!isEnough(true, after: 0))
        #expect(!isEnough(true, after: 9))
        #expect(isEnough(true, after: 10))
        #expect(!isEnough(true, after: 11))
    }

    @Test func oneThatRanInBetweenBeginsAnew() {
        #expect(!isEnough(true, after: 0))
        #expect(!isEnough(false, after: 8))
        #expect(!isEnough(true, after: 12))
    }

    /// The move ended while it stood, and another one begins much later.
    @Test func anEarlierMoveDoesNotCount() {
        #expect(!isEnough(true, after: 0))
        guests.forget(id)
        #expect(!isEnough(true, after: 60))
    }
}
