import ClusterModel
import ControlCore
import Testing

@Suite struct ReconnectionTests {
    /// Draws the highest with `.max`, and the lowest with a small number: not with zero, which drawing from a range refuses and
    /// asks for again.
    private struct Constant: RandomNumberGenerator {
        let value: UInt64
        func next() -> UInt64 { value }
    }

    private func most(after ends: [Reconnection.End]) -> [Duration] {
        var reconnection = Reconnection()
        var highest = Constant(value: .max)
        return ends.map { reconnection.wait(after: $0, using: &highest) }
    }

    @Test func theRangeDoublesUpToItsBound() {
        let waits = most(after: Array(repeating: .unreachable, count: 5))
        #expect(waits == [2, 4, 8, 8, 8].map { .seconds($0) })
    }

    @Test func jitterIsFull() {
        var reconnection = Reconnection()
        var lowest = Constant(value: 1 << 32)
        #expect(reconnection.wait(after: .unreachable, using: &lowest) == .zero)
    }

    @Test func aGoodConnectionStartsItAnew() {
        let waits = most(after: [
            .unreachable, .unreachable, .disconnected(after: .seconds(60)), .unreachable,
        ])
        #expect(waits == [2, 4, 2, 4].map { .seconds($0) })
    }

    @Test func aConnectionThatEndsAtOnceIsNoBetterThanNone() {
        let waits = most(after: [
            .disconnected(after: .seconds(1)), .disconnected(after: .seconds(7)), .unreachable,
        ])
        #expect(waits == [2, 4, 8].map { .seconds($0) })
    }

    @Test func aRefusalWaitsLongerAndForgetsNothing() {
        let waits = most(after: [.unreachable, .refused, .unreachable])
        #expect(waits == [2, 20, 4].map { .seconds($0) })
    }

    /// When, after all connections ended at once, the first try comes that finds the coordinator there again.
    private func arrivals(_ agents: Int, away: Duration) -> [Duration] {
        var random = SplitMix64(seed: 7)
        return (0..<agents).map { _ in
            var reconnection = Reconnection()
            var at = reconnection.wait(after: .disconnected(after: .seconds(600)), using: &random)
            while at < away { at += reconnection.wait(after: .unreachable, using: &random) }
            return at - away
        }
    }

    @Test("an agent is back within seconds", arguments: [0, 1, 3, 10, 600])
    func smallCluster(seconds: Int) {
        let arrivals = arrivals(3_000, away: .seconds(seconds)).sorted()
        #expect(arrivals[arrivals.count / 2] < .seconds(seconds < 3 ? 1.5 : 3))
        #expect(arrivals[arrivals.count - 1] <= Reconnection.longest)
    }

    @Test("ten thousand agents do not come at once", arguments: [0, 1, 3, 10, 600])
    func largeCluster(seconds: Int) {
        let agents = 10_000
        let tenths = Dictionary(
            grouping: arrivals(agents, away: .seconds(seconds)),
            by: { Int($0 / .milliseconds(100)) })
        // An even spread over two seconds has 500 in each; those that were too early come again among them.
        let most = tenths.values.map(\.count).max() ?? 0
        #expect(most < 750, "\(most) in a tenth of a second")
    }
}
