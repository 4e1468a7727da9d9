import Foundation
import Testing

extension LabTests {
    /// A file that is wrong, and what whoever wrote it is told.
    struct Wrong: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let told: [String]
    }

    static let wrong = [
        Wrong(
            testDescription: "unknown key",
            text:
                "kind: container\nname: bad\nimage: busybox\nsize: {cpu: 100m, memory: 32MiB}\ncuont: 2\n",
            told: ["-:5:1", "cuont", "count"]),
        Wrong(
            testDescription: "wrong unit",
            text:
                "kind: container\nname: bad\nimage: busybox\nsize: {cpu: 100m, memory: 32MegaBytes}\n",
            told: ["-:4:27", "size.memory", "MiB"]),
        Wrong(
            testDescription: "negative size",
            text: "kind: container\nname: bad\nimage: busybox\nsize: {cpu: -1, memory: 32MiB}\n",
            told: ["-:4:13", "size.cpu"]),
        Wrong(
            testDescription: "two documents of one name",
            text: Spec(name: "bad").text + "---\n" + Spec(name: "bad").text,
            told: ["-:10:7", "bad"]),
        Wrong(
            testDescription: "not YAML", text: "kind: [container\nname: bad\n", told: ["-:"]),
    ]

    @Test(
        "a wrong file is refused with line, column and advice, and nothing of it is applied",
        .timeLimit(.minutes(1)), arguments: wrong)
    func wrongFile(_ wrong: Wrong) async throws {
        let good = Spec(name: "good").text
        let ended = try await cluster.run("apply", "-f", "-", input: wrong.text, ending: 1)
        for words in wrong.told { #expect(ended.errors.contains(words), "\(ended)") }
        #expect(ended.errors.contains("try:"), "\(ended)")
        let both = try await cluster.run(
            "apply", "-f", "-", input: wrong.text + "---\n" + good, ending: 1)
        #expect(both.output.isEmpty, "\(both)")
        #expect(try await cluster.workloads().isEmpty)
    }

    @Test("a token serves one host, and a wrong one none", .timeLimit(.minutes(2)))
    func tokens() async throws {
        let token = try await cluster.run("token", "create").output
            .trimmingCharacters(in: .whitespacesAndNewlines)
        try await Lab.inside("lab-1", "mkdir -p /tmp/join && echo '\(token)' > /tmp/join/token")
        // The file of a lab host's own first join: used long ago.
        let used = try await join("/etc/huddle/token")
        #expect(used.contains("the token was used already"), "\(used)")
        #expect(!used.contains("joined"), "\(used)")
        let broken = String(token.dropLast(4)) + (token.hasSuffix("AAAA") ? "BBBB" : "AAAA")
        try await Lab.inside("lab-1", "echo '\(broken)' > /tmp/join/broken")
        let wrong = try await join("/tmp/join/broken")
        #expect(wrong.contains("token") && !wrong.contains("joined"), "\(wrong)")
        #expect(try await cluster.hosts().map(\.name).sorted() == Lab.hosts)
        try await cluster.hostsReady()
    }

    /// What an agent of another name prints that tries to join with this file; it is given five seconds.
    private func join(_ file: String) async throws -> String {
        try await Lab.inside(
            "lab-1",
            """
            rm -rf /tmp/join/data
            timeout --signal KILL 5 /opt/huddle/huddle agent --data /tmp/join/data --name stranger --address 10.77.0.99 \
                --podman-socket /run/podman.sock --token-file \(file) 2>&1 || true
            """)
    }

    @Test("a certificate of another authority is refused", .timeLimit(.minutes(1)))
    func foreignCertificate() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "foreign-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: directory) }
        let key = directory.appending(path: "key.pem"),
            certificate = directory.appending(path: "cert.pem")
        try await Lab.tool(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj", "/O=Huddle/OU=admin/CN=admin", "-days", "1", "-keyout", key.path(), "-out",
            certificate.path())
        let context = directory.appending(path: "context.yaml")
        let ours = try String(contentsOf: Lab.context, encoding: .utf8)
        guard let head = ours.range(of: "certificate: |") else {
            throw Unexpected("a context without certificate")
        }
        var text = String(ours[..<head.lowerBound])
        for (name, file) in [("certificate", certificate), ("key", key)] {
            let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            text += "\(name): |\n" + lines.map { "  \($0)\n" }.joined()
        }
        try text.write(to: context, atomically: true, encoding: .utf8)
        let ended = try await Lab.huddle(["--context", context.path(), "hosts"])
        #expect(ended.status == 6, "\(ended)")
        // Nothing else is disturbed.
        try await cluster.hostsReady()
    }
}
