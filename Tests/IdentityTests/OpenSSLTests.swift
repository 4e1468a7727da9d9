import ClusterModel
import Foundation
import Identity
import Testing

/// A judge that shares no code with us: the `openssl` command.
@Suite(.enabled(if: OpenSSL.isPresent, "there is no openssl command"))
struct OpenSSLTests {
    @Test(
        "openssl verifies each leaf for its uses and for no other", arguments: TestCluster.subjects)
    func verify(subject: Subject) throws {
        var cluster = try TestCluster()
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        try openssl.write(
            PEM.encoded(cluster.authority.certificate, as: .certificate), to: "ca.pem")
        let leaf = try cluster.issue(subject).der
        try openssl.write(PEM.encoded(leaf, as: .certificate), to: "leaf.pem")
        let time = "\(after().milliseconds / 1_000)"
        func verify(_ purpose: String, at time: String = time) throws -> Bool {
            try openssl.run([
                "verify", "-x509_strict", "-CAfile", "ca.pem", "-purpose", purpose, "-attime", time,
                "leaf.pem",
            ]).succeeded
        }
        #expect(try verify("sslclient"))
        #expect(try verify("sslserver") == (subject.role.userRank == nil))
        #expect(try !verify("sslclient", at: "\(after(days: 366).milliseconds / 1_000)"))
    }

    @Test("openssl shows role and name where we say they are")
    func text() throws {
        var cluster = try TestCluster()
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        let subject = Subject.coordinator(
            name: "coordinator", addresses: ["huddle.example", "10.0.0.5", "fd00::5"])
        try openssl.write(try cluster.issue(subject).der, to: "leaf.der")
        let leaf = try openssl.run(["x509", "-inform", "DER", "-in", "leaf.der", "-noout", "-text"])
        #expect(leaf.output.contains("Subject: O = Huddle, OU = coordinator, CN = coordinator"))
        #expect(
            leaf.output.contains(
                "DNS:huddle.example, IP Address:10.0.0.5, IP Address:FD00:0:0:0:0:0:0:5"))
        #expect(
            leaf.output.contains("TLS Web Server Authentication, TLS Web Client Authentication"))
        #expect(leaf.output.contains("CA:FALSE"))
        try openssl.write(cluster.authority.certificate, to: "ca.der")
        let root = try openssl.run(["x509", "-inform", "DER", "-in", "ca.der", "-noout", "-text"])
        #expect(root.output.contains("CA:TRUE, pathlen:0"))
        #expect(root.output.contains("ASN1 OID: prime256v1"))
        let print = try openssl.run(
            ["x509", "-inform", "DER", "-in", "ca.der", "-noout", "-fingerprint", "-sha256"])
        #expect(
            print.output.lowercased().filter { $0 != ":" }
                .contains(cluster.authority.fingerprint.description))
    }

    @Test("openssl refuses a leaf of a foreign authority")
    func foreign() throws {
        let cluster = try TestCluster(seed: 1)
        var other = try TestCluster(seed: 2)
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        try openssl.write(
            PEM.encoded(cluster.authority.certificate, as: .certificate), to: "ca.pem")
        let leaf = try other.issue(.agent(HostID("alpha"))).der
        try openssl.write(PEM.encoded(leaf, as: .certificate), to: "leaf.pem")
        let time = "\(after().milliseconds / 1_000)"
        #expect(
            try !openssl.run(["verify", "-CAfile", "ca.pem", "-attime", time, "leaf.pem"]).succeeded
        )
    }

    @Test("a request made by openssl is signed, one with an RSA key is not")
    func foreignRequests() throws {
        var cluster = try TestCluster()
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        func request(_ key: [String]) throws -> [UInt8] {
            let made = try openssl.run(
                ["req", "-new", "-nodes", "-subj", "/CN=alpha", "-keyout", "key.pem"]
                    + ["-outform", "DER", "-out", "request.der", "-newkey"] + key)
            try #require(made.succeeded, "\(made.output)")
            return try openssl.read("request.der")
        }
        let elliptic = try request(["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])
        let issued = try cluster.authority.issue(
            to: .agent(HostID("alpha")), for: elliptic, at: after(), using: &cluster.generator)
        #expect(try PeerIdentity.of(leaf: issued.der, at: after()).host == HostID("alpha"))
        let other = try request(["rsa:2048"])
        let refusal = #expect(throws: IdentityRefusal.self) {
            try cluster.authority.issue(
                to: .agent(HostID("alpha")), for: other, at: after(), using: &cluster.generator)
        }
        guard case .unsupportedKey = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
    }

    @Test("openssl reads our key and finds it to be the request's")
    func key() throws {
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        let request = try CertificateRequest.make(name: "alpha")
        try openssl.write(PEM.encoded(request.key, as: .privateKey), to: "key.pem")
        try openssl.write(PEM.encoded(request.der, as: .certificateRequest), to: "request.pem")
        let ofKey = try openssl.run(["pkey", "-in", "key.pem", "-pubout"])
        let ofRequest = try openssl.run([
            "req", "-in", "request.pem", "-verify", "-noout", "-pubkey",
        ])
        #expect(ofKey.succeeded && ofRequest.succeeded)
        #expect(ofRequest.output.contains(ofKey.output))
    }
}

/// The `openssl` command in a directory of its own.
private struct OpenSSL {
    private static let path = "/usr/bin/openssl"
    static var isPresent: Bool { FileManager.default.isExecutableFile(atPath: path) }

    private let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("huddle-identity-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: directory.appendingPathComponent(name))
    }

    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: directory.appendingPathComponent(name)))
    }

    func run(_ arguments: [String]) throws -> (succeeded: Bool, output: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = arguments
        process.currentDirectoryURL = directory
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus == 0, String(decoding: output, as: UTF8.self))
    }
}
