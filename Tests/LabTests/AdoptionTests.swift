import Testing

extension LabTests {
    @Test("an agent that is killed finds its instances again", .timeLimit(.minutes(3)))
    func agentKilled() async throws {
        try await cluster.apply(Spec(name: "box"), .machine("vm"), on: "lab-1")
        try await cluster.running("box-0", "vm-0")
        let before = try await RealCopies.on("lab-1")
        #expect(before.map(\.kind).sorted() == ["container", "vm"], "\(before)")
        let generations = try await cluster.instances().map(\.generation)

        // Twice: the second agent must find what the first only adopted.
        for _ in 1...2 {
            let agent = try await agentProcess()
            try await Lab.script("kill", "lab-1:agent")
            try await cluster.must("a new agent") { try await agentProcess() != agent }
            try await cluster.hostsReady()
            try await cluster.running("box-0", "vm-0")
        }
        #expect(try await RealCopies.on("lab-1") == before)
        #expect(try await cluster.instances().map(\.generation) == generations)
        #expect(try await restarts() == 0)
        // It is held, not only seen: the new agent can end it.
        try await cluster.run("exec", "box-0", "--", "/bin/true")
    }

    @Test("a coordinator that is killed disturbs no instance", .timeLimit(.minutes(2)))
    func coordinatorKilled() async throws {
        try await cluster.apply(Spec(name: "box"), .machine("vm"), on: "lab-2")
        try await cluster.running("box-0", "vm-0")
        let before = try await RealCopies.all()
        try await Lab.script("kill", "coordinator")
        try await cluster.hostsReady()
        try await cluster.running("box-0", "vm-0")
        try await unchanged(before)
        #expect(try await !cluster.instances().contains(where: \.orphan))
    }

    private func agentProcess() async throws -> String {
        try await Lab.inside("lab-1", "cat /run/huddle/agent.pid")
    }

    private func restarts() async throws -> Int {
        let counts = try await Lab.inside(
            "lab-1", "podman ps --all --quiet | xargs podman inspect --format '{{.RestartCount}}'")
        return counts.split(separator: "\n").compactMap { Int($0) }.reduce(0, +)
    }
}
