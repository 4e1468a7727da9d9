import Foundation
import Testing

extension LabTests {
    /// A cluster of its own, in the coordinator's machine, whose certificates live a minute.
    @Test(
        "certificates are renewed in running processes, and what has expired is refused",
        .timeLimit(.minutes(5)))
    func renewal() async throws {
        let address = try await Lab.script("address", "coordinator")
            .trimmingCharacters(in: .newlines)
        try await Lab.inside("coordinator", Self.shortLived(address))
        do {
            try await renewed(address)
        } catch {
            let log = try await Lab.inside("coordinator", "tail -n 30 /tmp/renewal/*.log")
            try await Lab.inside("coordinator", Self.end)
            throw Unexpected("\(error)\n\(log)")
        }
        try await Lab.inside("coordinator", Self.end)
    }

    private func renewed(_ address: String) async throws {
        let first = try await served(address, port: 7541)
        let coordinators = try await served(address, port: 7540)
        let identity = try await Lab.inside("coordinator", "cat /tmp/renewal/agent/identity.pem")
        try await cluster.must("the agent's server has another certificate", within: .seconds(70)) {
            try await served(address, port: 7541).serial != first.serial
        }
        // The first has to be over before anything shows that it is not used any more.
        let expiry = first.end.addingTimeInterval(2)
        try await cluster.must("the first certificate has expired", within: .seconds(90)) {
            Date.now > expiry
        }
        #expect(try await served(address, port: 7540).serial != coordinators.serial)
        let states = try await Lab.inside(
            "coordinator",
            """
            /opt/huddle/huddle --context /tmp/renewal/coordinator/admin.yaml hosts
            for name in agent coordinator; do
                kill -0 "$(< /tmp/renewal/$name.pid)" && echo "$name lives"
            done
            cat /tmp/renewal/agent.log
            """)
        #expect(states.contains("ready"), "\(states)")
        #expect(states.contains("agent lives") && states.contains("coordinator lives"), "\(states)")
        // After the renewal it made another connection, and that one lasts.
        let after = states.split(separator: "certificate renewed", maxSplits: 1)
        #expect(after.count == 2 && after[1].contains("connected"), "\(states)")
        #expect(!states.contains("expired"), "\(states)")

        // Whoever comes with the old one is told why it is no good.
        let answer = try await expired(identity, address)
        #expect(answer.status == 6 && answer.errors.contains("expired"), "\(answer)")
        let log = try await Lab.inside("coordinator", "cat /tmp/renewal/coordinator.log")
        #expect(log.contains("expired"), "\(log)")
    }

    /// A user's command with a host's certificate that was good a minute ago.
    private func expired(_ identity: String, _ address: String) async throws -> Command.Ended {
        let blocks = identity.matches(of: /-----BEGIN[\s\S]*?-----END[^\n]*\n/).map {
            "\($0.output)"
        }
        guard blocks.count == 3 else { throw Unexpected("not an identity: \(blocks.count)") }
        let context = FileManager.default.temporaryDirectory
            .appending(path: "expired-\(UUID().uuidString).yaml")
        let parts = zip(["certificate", "authority", "key"], blocks).map { name, block in
            "\(name): |\n" + block.split(separator: "\n").map { "  \($0)\n" }.joined()
        }
        try ("cluster: renewal\ncoordinator: \(address):7540\n" + parts.joined())
            .write(to: context, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: context) }
        return try await Lab.huddle(["--context", context.path(), "hosts"])
    }

    private struct Served {
        let serial: String
        let end: Date
    }

    /// The certificate that a server shows to a new connection.
    private func served(_ address: String, port: Int) async throws -> Served {
        let text = try await Lab.tool(
            "bash", "-c",
            """
            openssl s_client -connect "$0" -alpn h2 < /dev/null 2> /dev/null |
                openssl x509 -noout -serial -enddate | sed 's/.*=//'
            """, "\(address):\(port)")
        let lines = text.split(separator: "\n").map(String.init)
        guard lines.count == 2 else { throw Unexpected("no certificate at \(port): \(text)") }
        let seconds = try await Lab.tool("date", "--date", lines[1], "+%s")
        guard let end = Double(seconds.trimmingCharacters(in: .newlines)) else {
            throw Unexpected("no date: \(lines[1])")
        }
        return Served(serial: lines[0], end: Date(timeIntervalSince1970: end))
    }

    /// Starts a coordinator and an agent that leave what runs on the machine alone.
    private static func shortLived(_ address: String) -> String {
        """
        set -euo pipefail
        rm -rf /tmp/renewal && mkdir /tmp/renewal && cd /tmp/renewal
        start() {
            local name=$1
            shift
            setsid /opt/huddle/huddle "$name" --data "/tmp/renewal/$name" "$@" > "$name.log" 2>&1 < /dev/null &
            echo $! > "$name.pid"
        }
        start coordinator --listen 0.0.0.0:7540 --advertise \(address):7540 --certificate-lifetime 1m
        for (( i = 0; i < 100; i++ )); do [[ ! -s coordinator/admin.yaml ]] || break; sleep 0.1; done
        /opt/huddle/huddle --context coordinator/admin.yaml token create > token
        start agent --name renewer --address \(address) --port 7541 --podman-socket /tmp/renewal/none --token-file token
        for (( i = 0; i < 300; i++ )); do
            ! /opt/huddle/huddle --context coordinator/admin.yaml hosts | grep --quiet ready || exit 0
            sleep 0.1
        done
        tail -n 30 *.log >&2
        exit 1
        """
    }

    private static let end = """
        cd /tmp/renewal
        kill -KILL "$(< agent.pid)" "$(< coordinator.pid)" || true
        rm -rf /tmp/renewal
        """
}
