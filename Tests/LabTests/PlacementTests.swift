import Testing

extension LabTests {
    @Test(
        "what fits nowhere is accepted, explained, and starts when there is room",
        .timeLimit(.minutes(2)))
    func noRoom() async throws {
        for host in Lab.hosts {
            try await cluster.apply(Spec(name: "full-\(host)", cpu: 700), on: host, wait: false)
        }
        try await cluster.running("full-lab-1-0", "full-lab-2-0", "full-lab-3-0")
        let applied = try await cluster.apply(Spec(name: "large", cpu: 500), wait: false, ending: 2)
        #expect(applied.pending.map(\.instance) == ["large-0"])
        #expect(try await cluster.instance("large-0").state == "pending")

        let verdicts = try await cluster.explain("large-0")
        #expect(verdicts.map(\.host).sorted() == Lab.hosts)
        // 950 of 1000 millicores may be used, 700 are, 500 are wanted.
        for verdict in verdicts {
            #expect(!verdict.fits && verdict.misfit?.shortMillicores == 250, "\(verdict)")
        }
        let text = try await cluster.run("explain", "large-0").output
        for host in Lab.hosts { #expect(text.contains(host)) }
        #expect(text.contains("250m"), "\(text)")

        try await cluster.run("delete", "full-lab-2", "--yes")
        #expect(try await cluster.running("large-0")[0].host == "lab-2")
        try await onlyCopies(["full-lab-1-0", "full-lab-3-0", "large-0"])
    }

    @Test("rules decide where instances go", .timeLimit(.minutes(2)))
    func rules() async throws {
        let apart = Spec(
            name: "apart", count: 3, more: ["labels: {app: a}", "rules: {apart: {app: a}}"])
        let zoned = Spec(name: "zoned", more: ["rules: {need: {zone: b}}"])
        try await cluster.apply(apart, zoned)
        let instances = try await cluster.running("apart-0", "apart-1", "apart-2", "zoned-0")
        #expect(Set(instances.prefix(3).compactMap(\.host)) == Set(Lab.hosts), "\(instances)")
        #expect(instances[3].host == "lab-2")
    }
}
