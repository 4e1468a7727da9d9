import Testing

extension LabTests {
    @Test(
        "a removed host is refused, and joins again only with a new token", .timeLimit(.minutes(4)))
    func removal() async throws {
        try await cluster.apply(Spec(name: "box"), on: "lab-3")
        // What runs there would be lost.
        #expect(try await Lab.huddle(["host", "remove", "lab-3", "--yes"]).status == 5)
        try await cluster.run("delete", "box", "--yes")
        try await cluster.must("no instance") { try await cluster.instances().isEmpty }

        try await cluster.run("host", "remove", "lab-3", "--yes")
        do {
            try await cluster.must("lab-3 not among the hosts") {
                try await cluster.hosts().map(\.name) == ["lab-1", "lab-2"]
            }
            // Neither the running agent nor a new one with the same certificate comes back.
            try await Lab.script("kill", "lab-3:agent")
            try await cluster.must("the agent says that it is refused") {
                try await Lab.log(of: "lab-3").lowercased().contains(
                    "revoked")
            }
            #expect(try await cluster.hosts().map(\.name) == ["lab-1", "lab-2"])
        } catch {
            try await cluster.rejoin("lab-3")
            throw error
        }
        try await cluster.rejoin("lab-3")
        try await cluster.hostsReady()
        try await cluster.apply(Spec(name: "box"), on: "lab-3")
        #expect(try await cluster.running("box-0")[0].host == "lab-3")
    }
}

extension Cluster {
    /// What an operator does to take a removed host back: the agent forgets who it was, and `up` gives it a new token.
    /// What it held it still knows, so that it can clear it away.
    func rejoin(_ host: String) async throws {
        try await Lab.inside(
            host,
            "rm /var/lib/huddle/agent/identity.pem && kill -KILL \"$(< /run/huddle/agent.pid)\"")
        try await Lab.script("up", "--hosts", "3", within: .seconds(150))
    }
}
