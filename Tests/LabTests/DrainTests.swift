import Testing

extension LabTests {
    @Test(
        "a drained host gives everything away and takes nothing until it is restored",
        .timeLimit(.minutes(4)))
    func drain() async throws {
        try await cluster.apply(Spec(name: "box"), .machine("vm"), on: "lab-1")
        try await cluster.running("box-0", "vm-0")
        try await cluster.run("drain", "lab-1", "--yes", within: .seconds(120))
        let drained = try await cluster.host("lab-1")
        #expect(drained.state == "draining" && drained.instances == 0, "\(drained)")
        try await cluster.running("box-0", "vm-0")
        try await onlyCopies(["box-0", "vm-0"])

        // More than one host's share, so that the third would be wanted.
        try await cluster.apply(Spec(name: "late", count: 3, cpu: 300))
        let late = try await cluster.running("late-0", "late-1", "late-2")
        #expect(late.allSatisfy { $0.host != "lab-1" }, "\(late)")
        let refused = try await cluster.explain("late-0").first { $0.host == "lab-1" }
        #expect(refused?.misfit?.rule == "hostState", "\(String(describing: refused))")

        try await cluster.run("restore", "lab-1")
        #expect(try await cluster.host("lab-1").state == "ready")
        #expect(try await cluster.host("lab-1").instances == 0, "restore moves nothing")
        try await cluster.apply(Spec(name: "back"), on: "lab-1")
        #expect(try await cluster.running("back-0")[0].host == "lab-1")
    }

    @Test("a drain that cannot empty its host says why", .timeLimit(.minutes(2)))
    func stuckDrain() async throws {
        let rooted = Spec(name: "rooted", more: ["move: {allow: []}"])
        let zoned = Spec(
            name: "zoned", more: ["move: {allow: [restart]}", "rules: {need: {zone: a}}"])
        let free = Spec(name: "free")
        try await cluster.apply(rooted, zoned, free, on: "lab-1")
        let ended = try await cluster.run(
            "drain", "lab-1", "--yes", ending: 2, within: .seconds(90))
        #expect(ended.errors.contains("2 instances could not leave"), "\(ended)")
        #expect(ended.errors.contains("rooted-0:"), "\(ended)")
        #expect(ended.errors.contains("zoned-0:") && ended.errors.contains("zone"), "\(ended)")
        let host = try await cluster.host("lab-1")
        #expect(host.state == "draining" && host.instances == 2, "\(host)")
        #expect(try await cluster.running("free-0")[0].host != "lab-1")
        #expect(try await cluster.running("rooted-0")[0].host == "lab-1")
    }
}
