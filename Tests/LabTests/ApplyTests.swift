import Testing

extension LabTests {
    @Test(
        "apply changes what differs, in place where it can, one at a time where it cannot",
        .timeLimit(.minutes(4)))
    func applyAgain() async throws {
        var spec = Spec(name: "box", count: 3)
        try await cluster.apply(spec)
        try await cluster.running("box-0", "box-1", "box-2")
        let first = try await RealCopies.all()

        #expect(try await cluster.apply(spec).changes.map(\.change) == ["unchanged"])
        try await unchanged(first)

        spec.more.append("labels: {team: shop}")
        #expect(try await cluster.apply(spec).changes.map(\.change) == ["updated"])
        try await unchanged(first)

        spec.command = ["/bin/sh", "-c", "echo second; trap 'exit 0' TERM; sleep 100000 & wait"]
        let dry = try await cluster.apply(text: spec.text, ["--dry-run"])
        #expect(dry.dryRun && dry.changes.first?.replaces == ["box-0", "box-1", "box-2"], "\(dry)")
        try await unchanged(first)
        let again = try await cluster.apply(text: spec.text, ["--dry-run"])
        #expect(again.changes.first?.change == "replaced", "the dry run has changed something")

        try await replaced(spec, first)
        try await onlyCopies(["box-0", "box-1", "box-2"])
        let logs = try await cluster.run("logs", "box-2").output
        #expect(logs.contains("second"), "\(logs)")

        let second = try await RealCopies.all()
        spec.count = 2
        let fewer = try await cluster.apply(spec)
        #expect(fewer.changes.first?.removes == ["box-2"], "\(fewer)")
        try await onlyCopies(["box-0", "box-1"])
        #expect(try await RealCopies.all() == second.filter { $0.instance != "box-2" })
    }

    @Test("a VM's overhead is reserved, and its labels change in place", .timeLimit(.minutes(2)))
    func machineInPlace() async throws {
        var spec = Spec.machine("vm")
        try await cluster.apply(spec)
        try await cluster.running("vm-0")
        let before = try await RealCopies.all()
        spec.more.append("labels: {team: shop}")
        #expect(try await cluster.apply(spec).changes.map(\.change) == ["updated"])
        try await unchanged(before)
    }

    /// Applies and watches meanwhile: two of three always run.
    private func replaced(_ spec: Spec, _ first: [RealCopy]) async throws {
        try await cluster.apply(spec, wait: false)
        var fewest = 3
        try await cluster.must("three new copies") {
            let copies = try await RealCopies.all().filter { $0.state == "running" }
            fewest = min(fewest, copies.count)
            return copies.count == 3
                && Set(copies.map(\.process)).isDisjoint(with: first.map(\.process))
                ? true : Set(copies).isDisjoint(with: first) && copies.count == 3
        }
        #expect(fewest >= 2, "replaced more than one at a time")
    }
}
