import ClusterModel
import ControlCore
import Testing

/// What an agent writes of a holding, and reads after it was killed.
@Suite struct HoldingLineTests {
    private static func holding() throws -> Holding {
        let workload = try Workload(
            kind: .container, name: WorkloadID("web"), image: .named("image"),
            size: Resources(cpu: CPU(millicores: 500), memory: .mebibytes(256)))
        return Holding(
            assigned: Assigned(
                instance: InstanceID("web-0"), generation: Generation(9), desired: .running,
                workload: workload, image: nil),
            incarnation: Generation(7))
    }

    @Test(arguments: Holding.Standing.allCases, [false, true])
    func aHoldingIsReadAsItWasWritten(
        _ standing: Holding.Standing, _ isInterrupted: Bool
    ) throws {
        for (move, peer) in [(nil, nil), (MoveID("m-3"), nil), (MoveID("m-3"), HostID("b"))] {
            var holding = try Self.holding()
            holding.standing = standing
            holding.isInterrupted = isInterrupted
            (holding.move, holding.peer) = (move, peer)
            #expect(Holding(line: holding.line, assigned: holding.assigned) == holding)
        }
    }

    @Test func linesOfEarlierAgentsAreRead() throws {
        let assigned = try Self.holding().assigned
        let short = try #require(Holding(line: "7 held m-3", assigned: assigned))
        #expect(short.move == MoveID("m-3") && short.peer == nil && !short.isInterrupted)
        let plain = try #require(Holding(line: "7 active - -", assigned: assigned))
        #expect(plain == (try Self.holding()))
    }

    @Test(arguments: ["", "7", "7 active", "x active - -", "7 lazy - -", "7 active - - what"])
    func otherLinesAreNone(_ line: String) throws {
        #expect(Holding(line: line, assigned: try Self.holding().assigned) == nil)
    }
}
