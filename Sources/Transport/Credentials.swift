import HTTP2
import NIOCore
import NIOSSL

/// A server's certificate and key.
///
/// A client certificate is optional in the handshake, which proves only that the client holds its key. Whom it
/// names and who signed it is for the handler of each call to judge, from `Peer.certificates`.
package struct ServerTLS: Sendable {
    package let certificateChain: [[UInt8]]
    package let privateKey: [UInt8]

    /// - Parameters:
    ///   - certificateChain: DER, leaf first.
    ///   - privateKey: PEM or DER (PKCS #8 or SEC 1), for example of a P-256 key.
    package init(certificateChain: [[UInt8]], privateKey: [UInt8]) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
    }

    func makeContext() throws(TransportFailure) -> NIOSSLContext {
        do {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try certificates(certificateChain),
                privateKey: .privateKey(try key(privateKey)))
            configuration.trustRoots = .certificates([])
            configuration.certificateVerification = .optionalVerification
            harden(&configuration)
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw TransportFailure(.credentials, "unusable TLS credentials: \(error)")
        }
    }
}

/// A client's certificate, if it has one, and its judgement of the server's.
package struct ClientTLS: Sendable {
    package let certificateChain: [[UInt8]]
    package let privateKey: [UInt8]
    package let verify: @Sendable ([[UInt8]]) -> Bool

    /// - Parameters:
    ///   - certificateChain: DER, leaf first; empty for a client without a certificate.
    ///   - privateKey: PEM or DER (PKCS #8 or SEC 1); not looked at when the chain is empty.
    ///   - verify: gets the chain that the server presented, DER, leaf first, and is its sole
    ///     judge. It runs on the network's thread and must not block.
    package init(
        certificateChain: [[UInt8]], privateKey: [UInt8],
        verify: @escaping @Sendable ([[UInt8]]) -> Bool
    ) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
        self.verify = verify
    }

    /// A TLS handler for one connection.
    func makeHandler(_ context: NIOSSLContext) throws -> NIOSSLClientHandler {
        let verify = verify
        return try NIOSSLClientHandler(
            context: context, serverHostname: nil,
            customVerificationCallback: { certificates, promise in
                // A certificate that cannot be written back as DER is missing from the chain, and
                // with it the judge's reason to say yes.
                let chain = certificates.compactMap { try? $0.toDERBytes() }
                promise.succeed(verify(chain) ? .certificateVerified : .failed)
            })
    }

    func makeContext() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if !certificateChain.isEmpty {
            configuration.certificateChain = try certificates(certificateChain)
            configuration.privateKey = .privateKey(try key(privateKey))
        }
        // `verify` judges in place of these; naming none spares reading the system's store.
        configuration.trustRoots = .certificates([])
        configuration.certificateVerification = .noHostnameVerification
        harden(&configuration)
        return try NIOSSLContext(configuration: configuration)
    }
}

private func harden(_ configuration: inout TLSConfiguration) {
    configuration.minimumTLSVersion = .tlsv13
    configuration.applicationProtocols = ["h2"]
    configuration.shutdownTimeout = .nanoseconds(Limits.farewell.nanoseconds)
}

private func certificates(_ chain: [[UInt8]]) throws -> [NIOSSLCertificateSource] {
    try chain.map { .certificate(try NIOSSLCertificate(bytes: $0, format: .der)) }
}

private func key(_ bytes: [UInt8]) throws -> NIOSSLPrivateKey {
    let isPEM = bytes.starts(with: "-----BEGIN".utf8)
    return try NIOSSLPrivateKey(bytes: bytes, format: isPEM ? .pem : .der)
}
