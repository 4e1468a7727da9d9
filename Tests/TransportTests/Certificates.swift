import Foundation
import Transport

/// Throw-away authorities and certificates, made by the `openssl` program.
struct Certificates {
    private let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory
            .appending(component: "huddle-wire-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }

    /// Makes an authority; returns its certificate in DER.
    func authority(_ name: String) throws -> [UInt8] {
        try key(name)
        try openssl(
            "req", "-x509", "-new", "-key", "\(name).key", "-subj", "/CN=\(name)", "-days", "2",
            "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign", "-out", "\(name).pem")
        return try der(name)
    }

    /// Makes a certificate of `authority`; returns it in DER, with its key in PEM.
    func leaf(
        _ name: String, by authority: String, days: Int = 2
    ) throws -> (certificate: [UInt8], key: [UInt8]) {
        try key(name)
        try Data("subjectAltName=DNS:localhost,IP:127.0.0.1\n".utf8)
            .write(to: file("\(name).ext"))
        try openssl("req", "-new", "-key", "\(name).key", "-subj", "/CN=\(name)", "-out", "r.csr")
        try openssl(
            "x509", "-req", "-in", "r.csr", "-CA", "\(authority).pem", "-CAkey",
            "\(authority).key", "-CAcreateserial", "-days", "\(days)", "-extfile", "\(name).ext",
            "-out", "\(name).pem")
        return (try der(name), Array(try Data(contentsOf: file("\(name).key"))))
    }

    func file(_ name: String) -> URL { directory.appending(component: name) }

    private func key(_ name: String) throws {
        try openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "\(name).key")
    }

    private func der(_ name: String) throws -> [UInt8] {
        try openssl("x509", "-in", "\(name).pem", "-outform", "DER", "-out", "\(name).der")
        return Array(try Data(contentsOf: file("\(name).der")))
    }

    private func openssl(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.currentDirectoryURL = directory
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw TransportFailure(.credentials, "openssl \(arguments) failed")
        }
    }
}

/// The credentials of one small cluster.
struct Cast {
    let server: ServerTLS
    let serverLeaf: [UInt8]
    let agent: (certificate: [UInt8], key: [UInt8])
    let certificates: Certificates

    init() throws {
        certificates = try Certificates()
        _ = try certificates.authority("ca")
        let server = try certificates.leaf("server", by: "ca")
        serverLeaf = server.certificate
        self.server = ServerTLS(
            certificateChain: [server.certificate], privateKey: server.key)
        agent = try certificates.leaf("agent", by: "ca")
    }

    func remove() { certificates.remove() }

    /// A client that pins the server's certificate.
    func client(_ identity: (certificate: [UInt8], key: [UInt8])? = nil) -> ClientTLS {
        ClientTLS(
            certificateChain: identity.map { [$0.certificate] } ?? [],
            privateKey: identity?.key ?? []
        ) { [serverLeaf] chain in chain.first == serverLeaf }
    }
}
