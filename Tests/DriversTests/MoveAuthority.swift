import ClusterModel
import HostIO
import Ports

/// A certificate authority for moves under test, made with OpenSSL's command line.
struct MoveAuthority {
    private let directory: String
    private let certificate: String

    init(in directory: String) async throws {
        self.directory = directory
        certificate = directory + "/ca.pem"
        try HostFile.makeDirectory(directory)
        try await run(
            ["req", "-x509"] + Self.newKey + [
                "-keyout", directory + "/ca.key", "-out", certificate, "-subj", "/CN=test", "-days",
                "1",
            ])
    }

    /// What both ends of the move called `name` get.
    ///
    /// As strict as a certificate of the cluster: a critical key usage of nothing but signatures,
    /// and both uses of TLS.
    func credentials(for name: String) async throws -> MoveCredentials {
        let stem = directory + "/" + name
        let extensions = """
            subjectAltName=DNS:\(name)
            basicConstraints=critical,CA:FALSE
            keyUsage=\(Self.keyUsage)
            extendedKeyUsage=serverAuth,clientAuth
            """
        try HostFile.replace(stem + ".ext", with: Array(extensions.utf8))
        try await run(
            ["req"] + Self.newKey + [
                "-keyout", stem + ".key", "-out", stem + ".csr", "-subj", "/CN=\(name)",
            ])
        try await run([
            "x509", "-req", "-in", stem + ".csr", "-CA", certificate, "-CAkey",
            directory + "/ca.key", "-CAcreateserial", "-days", "1", "-extfile", stem + ".ext",
            "-out", stem + ".pem",
        ])
        return MoveCredentials(
            authority: try HostFile.text(certificate),
            certificate: try HostFile.text(stem + ".pem"), key: try HostFile.text(stem + ".key"),
            name: name)
    }

    private static let newKey = [
        "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
    ]

    private static let keyUsage = "critical,digitalSignature"

    private func run(_ arguments: [String]) async throws {
        let outcome = try await Tool.run("/usr/bin/openssl", arguments)
        guard outcome.status.isSuccess else {
            throw DriverFailure(.refused, "openssl", cause: outcome.complaint)
        }
    }
}
