import Foundation
import Testing

extension LabTests {
    @Test(
        "an agent may speak of its own host only", .timeLimit(.minutes(2)),
        .enabled(if: BadPeer.isPossible, BadPeer.needs))
    func foreignHost() async throws {
        let agent = try await Lab.inside("lab-2", "cat /run/huddle/agent.pid")
        try await BadPeer(of: "lab-1").tries("foreign-host", "lab-2")
        try await coordinatorLogged("the agent of lab-1 spoke of host lab-2")
        // Neither of the two was disturbed.
        #expect(try await Lab.inside("lab-2", "cat /run/huddle/agent.pid") == agent)
        try await goesOn(on: "lab-2")
    }

    @Test(
        "what is no message is refused, and calls beside it go on", .timeLimit(.minutes(2)),
        .enabled(if: BadPeer.isPossible, BadPeer.needs))
    func garbage() async throws {
        try await BadPeer(of: "lab-1").tries("garbage")
        try await coordinatorLogged("/huddle.v1.Agents/Renew: the request is not a message")
        try await BadPeer(of: "lab-1").tries("join")
        try await coordinatorLogged("the token is not one of this cluster")
        try await goesOn(on: "lab-1")
    }

    @Test(
        "a removed host gets no files from other hosts, also from an agent that was started anew",
        .timeLimit(.minutes(4)), .enabled(if: BadPeer.isPossible, BadPeer.needs))
    func revokedAmongAgents() async throws {
        let removed = try await BadPeer(of: "lab-3")
        try await cluster.run("host", "remove", "lab-3", "--yes")
        do {
            try await cluster.eventually("lab-1 refuses it") {
                try await removed.tries("revoked", at: "lab-1")
                return true
            }
            try await removed.tries("revoked", at: "lab-2")
            try await withCoordinatorStopped {
                try await Lab.script("kill", "lab-1:agent")
                try await cluster.eventually("lab-1's new agent refuses it by what it has kept") {
                    try await removed.tries("revoked", at: "lab-1")
                    return true
                }
            }
        } catch {
            try await cluster.rejoin("lab-3")
            throw error
        }
        try await cluster.rejoin("lab-3")
        try await cluster.hostsReady()
        // With its new certificate it is served: the image comes from there.
        try await goesOn(on: "lab-3")
    }

    /// Nobody answers meanwhile; a killed coordinator would be back in a moment.
    private func withCoordinatorStopped(_ body: () async throws -> Void) async throws {
        try await Lab.inside("coordinator", "kill -STOP \"$(< /run/huddle/coordinator.pid)\"")
        do { try await body() } catch {
            try await Lab.inside("coordinator", "kill -CONT \"$(< /run/huddle/coordinator.pid)\"")
            throw error
        }
        try await Lab.inside("coordinator", "kill -CONT \"$(< /run/huddle/coordinator.pid)\"")
    }

    private func coordinatorLogged(_ words: String) async throws {
        try await cluster.must("the coordinator's log has: \(words)", within: .seconds(10)) {
            try await Lab.log(of: "coordinator").contains(words)
        }
    }

    private func goesOn(on host: String) async throws {
        try await cluster.hostsReady()
        try await cluster.apply(Spec(name: "box"), on: host)
        try await cluster.running("box-0")
    }
}
