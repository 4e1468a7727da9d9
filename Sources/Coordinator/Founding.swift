import ClusterModel
import Glibc
import HostIO
import Identity
import Specs
import Transport

/// What a coordinator makes at its first start and finds again at every other: authority and admin context.
struct Founding {
    let authority: ClusterAuthority
    private let configuration: CoordinatorConfiguration
    private let clock: SystemClock

    init(_ configuration: CoordinatorConfiguration, clock: SystemClock) throws(CoordinatorFailure) {
        self.configuration = configuration
        self.clock = clock
        let directory = configuration.dataDirectory
        let (certificate, key) = try Self.kept(in: directory)
        do throws(IdentityRefusal) {
            if let certificate, let key {
                authority = try ClusterAuthority(certificate: certificate, key: key)
                return
            }
        } catch {
            throw CoordinatorFailure(
                "cannot use the cluster's authority in \(directory)", why: "\(error)",
                try:
                    "bring back authority.pem and authority.key from a backup; without them every host has to join anew"
            )
        }
        var generator = KernelRandom()
        do throws(IdentityRefusal) {
            authority = try ClusterAuthority.make(at: clock.now, using: &generator)
        } catch {
            throw CoordinatorFailure(
                "cannot make the cluster's authority", why: "\(error)", try: "report this")
        }
        // The key first: a certificate without its key would be taken for a damaged authority.
        try Self.write(
            PEM.encoded(authority.key, as: .privateKey), to: "\(directory)/authority.key")
        try Self.write(
            PEM.encoded(authority.certificate, as: .certificate), to: "\(directory)/authority.pem")
    }

    private static func kept(
        in directory: String
    ) throws(CoordinatorFailure) -> (certificate: [UInt8]?, key: [UInt8]?) {
        do throws(FileFailure) {
            try HostFile.makeDirectory(directory)
            let certificate = "\(directory)/authority.pem"
            guard HostFile.exists(certificate) else {
                // A state without its authority is a damaged cluster, not a new one.
                guard !HostFile.exists("\(directory)/state.db") else {
                    throw FileFailure("read", certificate, code: ENOENT)
                }
                return (nil, nil)
            }
            return (try HostFile.read(certificate), try HostFile.read("\(directory)/authority.key"))
        } catch {
            throw unusable(error)
        }
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(CoordinatorFailure) {
        do throws(FileFailure) { try HostFile.replace(path, with: bytes) } catch {
            throw unusable(error)
        }
    }

    private static func unusable(_ failure: FileFailure) -> CoordinatorFailure {
        CoordinatorFailure(
            "cannot use the data directory", why: "\(failure)",
            try:
                "bring back what is missing from a backup, or give the coordinator a directory of its own with --data"
        )
    }

    /// Writes the admin's context where there is none.
    func writeAdminContext() throws(CoordinatorFailure) {
        let path = "\(configuration.dataDirectory)/admin.yaml"
        guard !HostFile.exists(path) else { return }
        let (issued, key) = try issue(.user(name: "admin", role: .admin))
        guard let address = configuration.advertised.first,
            let endpoint = ContextFile.Endpoint(address)
        else {
            throw CoordinatorFailure(
                "no address to reach this coordinator by", why: "--advertise names none",
                try: "--advertise HOST:PORT")
        }
        let context = ContextFile(
            cluster: configuration.cluster, coordinator: endpoint,
            authority: Self.text(authority.certificate, .certificate),
            certificate: Self.text(issued.der, .certificate), key: Self.text(key, .privateKey))
        try Self.write(Array(context.text.utf8), to: path)
    }

    /// A fresh certificate for this coordinator's server, and when to make the next.
    func serverTLS() throws(CoordinatorFailure) -> (tls: ServerTLS, renewAt: Instant) {
        let hosts = configuration.advertised.compactMap { ContextFile.Endpoint($0)?.host }
        let (issued, key) = try issue(
            .coordinator(name: "coordinator", addresses: hosts),
            living: configuration.certificateLife)
        let tls = ServerTLS(
            certificateChain: [issued.der, authority.certificate], privateKey: key)
        let due = Renewal.due(notBefore: issued.notBefore, notAfter: issued.notAfter, jitter: .zero)
        return (tls, due)
    }

    private func issue(
        _ subject: Subject, living life: Duration? = nil
    ) throws(CoordinatorFailure) -> (IssuedCertificate, key: [UInt8]) {
        var generator = KernelRandom()
        do throws(IdentityRefusal) {
            let request = try CertificateRequest.make(name: subject.name)
            return (
                try authority.issue(
                    to: subject, for: request.der, living: life, at: clock.now,
                    using: &generator),
                request.key
            )
        } catch {
            throw CoordinatorFailure(
                "cannot issue a certificate for \(subject.name)", why: "\(error)",
                try: "look at the machine's clock: the authority has to be valid now")
        }
    }

    private static func text(_ der: [UInt8], _ label: PEM.Label) -> String {
        String(decoding: PEM.encoded(der, as: label), as: UTF8.self)
    }
}
