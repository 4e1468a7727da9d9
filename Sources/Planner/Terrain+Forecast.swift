import ClusterModel

extension Terrain {
    /// The terrain in which a host has room for an instance only if it also has what is expected
    /// of everything there while the instance moves: at least what it counts for now.
    ///
    /// It is one more resource, which takes nothing from a bound's truth about the others and which
    /// the reserve does not know. Without a record of a day ago nothing changes.
    func expectingUse() -> Terrain {
        let expected = snapshot.instances.map { view in
            snapshot.expectedDemand(of: view, under: policy.demand, ahead: Self.timeOfMove(view))
        }
        guard expected.contains(where: { $0 != nil }) else { return self }
        var terrain = self
        let amounts = zip(instances, expected).map { facts, expected in
            max(facts.demand[0], expected?.millicores ?? 0)
        }
        terrain.add(.expectedCPU, demands: amounts)
        return terrain
    }

    /// How long a move is assumed to take: what it carries, at the speed that costs are made from.
    private static func timeOfMove(_ view: Snapshot.InstanceView) -> Duration {
        let mebibytes = (view.reserved.memory + view.reserved.disk).count >> 20
        let perMebibyte = MoveCost.millisecondsPerMebibyte
        return .milliseconds(
            Int64(clamping: mebibytes.multipliedReportingOverflow(by: perMebibyte).partialValue))
    }
}
