import ClusterModel
import HostIO
import Ports

/// The files from which one QEMU takes what it proves itself with in a move.
///
/// They lie in a directory of root's beside `run` and not in it: in `run` a QEMU that was taken
/// over could have put a link in their place. Only the VM's user may read them, and only as long as
/// the move takes.
/// - Source: QEMU, docs/system/tls.rst, for the names of the files.
struct QEMUCredentials: Hashable, Sendable {
    let directory: VMDirectory
    let user: UInt32

    /// Which side of a connection a QEMU is.
    enum End: String, Hashable, Sendable {
        case server
        case client
    }

    /// Puts the files there for `end`, in place of any others.
    ///
    /// No power cut has to leave them there: none leaves a QEMU that would read them.
    func write(_ credentials: MoveCredentials, for end: End) async throws(DriverFailure) {
        try Self.requirePlain(credentials.name)
        let path = directory.credentials
        do throws(FileFailure) {
            try await HostFile.erase(path)
            try HostFile.makeDirectory(path, mode: 0o700)
            var files = [
                "ca-cert": credentials.authority, "\(end.rawValue)-cert": credentials.certificate,
                "\(end.rawValue)-key": credentials.key,
            ]
            if end == .server { files["dh-params"] = Self.group }
            for (name, content) in files {
                let file = path + "/" + name + ".pem"
                try HostFile.replace(
                    file, with: Array(content.utf8), mode: 0o400, lasting: false)
                try HostFile.setOwner(user, of: file)
            }
            try HostFile.setOwner(user, of: path)
            try HostFile.setPermissions(0o500, of: path)
        } catch {
            throw DriverFailure(vm: error, doing: "write the move's key of \(directory.instance)")
        }
    }

    func erase() async throws(DriverFailure) {
        do throws(FileFailure) {
            try await HostFile.erase(directory.credentials)
        } catch {
            throw DriverFailure(vm: error, doing: "remove the move's key of \(directory.instance)")
        }
    }

    /// The group for Diffie and Hellman's exchange, ffdhe2048, which nothing of ours ends up with: TLS 1.3 agrees on a curve.
    ///
    /// Without one a QEMU that waits looks for a prime of its own first, which was seen to take from 30 to 470 ms.
    /// - Source: RFC 7919, appendix A.1; QEMU, crypto/tlscreds.c, `gnutls_dh_params_generate2`.
    private static let group = """
        -----BEGIN DH PARAMETERS-----
        MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
        +8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
        87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
        YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
        7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
        ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
        -----END DH PARAMETERS-----

        """

    /// The subject that QEMU lets in, as GnuTLS writes a subject of this one attribute.
    /// - Source: RFC 4514; seen with QEMU 7.2: `TLS x509 authz check for CN=m-8.move.huddle`.
    static func subject(of credentials: MoveCredentials) -> String { "CN=\(credentials.name)" }

    /// RFC 4514 writes other characters in more than one way; what is compared has to have one.
    private static func requirePlain(_ name: String) throws(DriverFailure) {
        let isPlain = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
        guard isPlain, !name.isEmpty else {
            throw DriverFailure(.refused, "'\(name)' is not the name of a move")
        }
    }
}
