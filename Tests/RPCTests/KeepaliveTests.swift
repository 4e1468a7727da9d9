import RPC
import Testing

@Suite struct KeepaliveTests {
    private func seen(
        heard: Bool = true, isStalled: Bool = false, isIdle: Bool = false
    ) -> Keepalive.Observation {
        Keepalive.Observation(heard: heard, isStalled: isStalled, isIdle: isIdle)
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
        #expect(actions(seen(isStalled: true), 4).last == .close("the peer does not read"))
    }

    @Test func anUnknownPeerMayNotSitIdle() {
        let actions = actions(seen(isIdle: true), 74)
        #expect(actions.dropLast().allSatisfy { $0 == .none } && actions.last == .shutDown)
    }
}
