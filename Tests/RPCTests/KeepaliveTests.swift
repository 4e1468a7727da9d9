import RPC
import Testing

@Suite struct KeepaliveTests {
    private func seen(
        heard: Bool = true, written: Int = 0, backlog: Keepalive.Backlog? = nil,
        isIdle: Bool = false
    ) -> Keepalive.Observation {
        Keepalive.Observation(heard: heard, written: written, backlog: backlog, isIdle: isIdle)
    }

    /// What a connection does whose socket is full from its first tick on, with so many bytes taken and so many written by
    /// each tick.
    private func actions(
        mayBeSlow: Bool, heard: Bool = true, acknowledged: [UInt64], written: [Int]? = nil
    ) -> [Keepalive.Action] {
        var keepalive = Keepalive()
        return acknowledged.indices.map { tick in
            let backlog = Keepalive.Backlog(
                acknowledged: acknowledged[tick], mayBeSlow: mayBeSlow)
            return keepalive.handle(
                seen(heard: heard, written: written?[tick] ?? 1_000, backlog: backlog))
        }
    }

    private func actions(_ observation: Keepalive.Observation, _ ticks: Int) -> [Keepalive.Action] {
        var keepalive = Keepalive()
        return (0..<ticks).map { _ in keepalive.handle(observation) }
    }

    @Test func aSilentPeerIsAskedAndThenGone() {
        #expect(
            actions(seen(heard: false), 4)
                == [.none, .ping, .ping, .close("the peer has gone silent")])
    }

    @Test func anAnswerStartsTheCountAgain() {
        var keepalive = Keepalive()
        let script = [false, false, true, false, false, true]
        let actions = script.map { keepalive.handle(seen(heard: $0)) }
        #expect(actions == [.none, .ping, .none, .none, .ping, .none])
    }

    @Test func aPeerThatDoesNotReadIsClosed() {
        // The first tick has seen the bytes go that filled the socket.
        let actions = actions(mayBeSlow: true, acknowledged: [500, 500, 500, 500, 500])
        #expect(actions == [.none, .none, .none, .none, .close("the peer does not read")])
    }

    @Test func anUnknownPeerMayNotSitIdle() {
        let actions = actions(seen(isIdle: true), 74)
        #expect(actions.dropLast().allSatisfy { $0 == .none } && actions.last == .shutDown)
    }

    @Test func aPeerMayReadAsSlowlyAsItLikes() {
        let actions = actions(mayBeSlow: true, acknowledged: (0..<100).map { $0 / 3 })
        #expect(actions.allSatisfy { $0 == .none })
    }

    @Test func whoMayNotBeSlowHasToTakeWhatTheSocketHolds() {
        let slow = actions(mayBeSlow: false, acknowledged: Array(0..<5))
        #expect(slow.last == .close("the peer does not read"))
        let written = (0..<100).map { $0 / 3 + 1 }
        let quick = actions(
            mayBeSlow: false, acknowledged: Array(repeating: 0, count: 100), written: written)
        #expect(quick.allSatisfy { $0 == .none })
    }

    @Test func readingIsASignOfLife() {
        // A ping may be behind the bytes that the peer has yet to read.
        let alive = actions(mayBeSlow: true, heard: false, acknowledged: Array(0..<100))
        #expect(alive.allSatisfy { $0 == .none })
        let dead = actions(
            mayBeSlow: true, heard: false, acknowledged: [500, 500, 500, 500])
        #expect(dead.last == .close("the peer has gone silent"))
    }
}
