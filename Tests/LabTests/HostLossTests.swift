import Testing

extension LabTests {
    /// One cut shows both answers to the loss of a host, because each has to wait for it.
    @Test("a host cut off and healed", .timeLimit(.minutes(5)))
    func hostCutOff() async throws {
        let patient = Spec(name: "patient")
        let urgent = Spec(name: "urgent", more: ["onHostLoss: restart"])
        try await cluster.apply(patient, urgent, .machine("vm"), on: "lab-3")
        try await cluster.running("patient-0", "urgent-0", "vm-0")
        let before = try await RealCopies.on("lab-3")

        try await Lab.script("cut", "lab-3")
        let clock = ContinuousClock()
        let cutAt = clock.now
        try await cluster.must("lab-3 lost", within: .seconds(40)) {
            try await cluster.host("lab-3").state == "lost"
        }
        #expect(
            cutAt.duration(to: clock.now) > .seconds(8),
            "lost long before three reports were missed")
        for name in ["patient-0", "urgent-0", "vm-0"] {
            let instance = try await cluster.instance(name)
            #expect(instance.state == "unknown" && instance.host == "lab-3", "\(instance)")
        }

        try await cluster.must(
            "urgent-0 running elsewhere, its lease being over", within: .seconds(90)
        ) {
            let urgent = try await cluster.instance("urgent-0")
            return urgent.state == "running" && urgent.host != "lab-3"
        }
        #expect(
            cutAt.duration(to: clock.now) > .seconds(30), "started before the lease can have ended")
        // `lab shell` needs no network: the host goes on alone, but for what its lease has ended for.
        let alone = try await RealCopies.all().filter { $0.state == "running" }
        #expect(alone.filter { $0.instance == "urgent-0" }.map(\.host) != ["lab-3"], "\(alone)")
        #expect(alone.filter { $0.instance == "urgent-0" }.count == 1, "\(alone)")
        let waiting = before.filter { $0.instance != "urgent-0" }
        #expect(alone.filter { $0.host == "lab-3" } == waiting, "\(alone)")
        #expect(alone.count == 3, "\(alone)")

        try await Lab.script("heal", "lab-3")
        try await cluster.hostsReady()
        try await cluster.running("patient-0", "urgent-0", "vm-0")
        try await onlyCopies(["patient-0", "urgent-0", "vm-0"])
        #expect(try await RealCopies.on("lab-3") == waiting)
    }

    @Test("a host without power, and back", .timeLimit(.minutes(4)))
    func powerLoss() async throws {
        try await cluster.apply(Spec(name: "box"), .machine("vm"), on: "lab-2")
        try await cluster.running("box-0", "vm-0")
        let boot = try await cluster.host("lab-2").bootID
        try await Lab.script("kill", "lab-2")
        try await cluster.must("lab-2 lost", within: .seconds(40)) {
            try await cluster.host("lab-2").state == "lost"
        }
        #expect(
            try await RealCopies.all(on: ["lab-1", "lab-3"]).isEmpty, "nothing may start elsewhere")

        try await Lab.script("start", "lab-2")
        try await cluster.hostsReady()
        try await cluster.running("box-0", "vm-0")
        #expect(try await cluster.host("lab-2").bootID != boot)
        try await onlyCopies(["box-0", "vm-0"])
    }

    @Test("a dead host that the operator fences gives its instances away", .timeLimit(.minutes(4)))
    func fencing() async throws {
        try await cluster.apply(Spec(name: "box"), .machine("vm"), on: "lab-2")
        try await cluster.running("box-0", "vm-0")
        // A host that answers is not dead.
        #expect(try await Lab.huddle(["host", "fence", "lab-2", "--yes"]).status == 5)
        try await Lab.script("kill", "lab-2")
        try await cluster.must("lab-2 lost", within: .seconds(40)) {
            try await cluster.host("lab-2").state == "lost"
        }
        try await cluster.run("host", "fence", "lab-2", "--yes")
        let moved = try await cluster.running("box-0", "vm-0")
        #expect(moved.allSatisfy { $0.host != "lab-2" }, "\(moved)")
        try await onlyCopies(["box-0", "vm-0"], on: ["lab-1", "lab-3"])

        // What the dead host still has on its disk must not come to life with it.
        try await Lab.script("start", "lab-2")
        do {
            try await cluster.must("the agent says that its host was fenced", within: .seconds(20))
            {
                try await Lab.log(of: "lab-2").contains("fenced")
            }
        } catch {
            // The rest is worth seeing all the same.
            Issue.record(error)
        }
        #expect(try await cluster.host("lab-2").state == "fenced")
        #expect(try await RealCopies.on("lab-2").allSatisfy { $0.state != "running" })
        try await cluster.run("host", "remove", "lab-2", "--yes")
        try await cluster.rejoin("lab-2")
        try await cluster.hostsReady()
        try await onlyCopies(["box-0", "vm-0"])
    }
}
