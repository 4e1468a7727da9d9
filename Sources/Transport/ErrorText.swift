import NIOCore
import NIOPosix
import NIOSSL

/// What a network error means to an operator, in one line.
func describe(_ error: any Error) -> String {
    switch error {
    case let error as NIOConnectionError:
        if let refused = error.connectionErrors.first {
            return "\(error.host):\(error.port): \(describe(refused.error))"
        }
        let lookup = error.dnsAError ?? error.dnsAAAAError
        return "\(error.host): \(lookup.map(describe) ?? "no address")"
    case let error as SocketAddressError.UnknownHost:
        return "no address for \(error.host)"
    case let error as IOError:
        return error.description
    case ChannelError.connectTimeout:
        return "no answer in time"
    case NIOSSLError.uncleanShutdown:
        return "the peer closed the connection without a farewell"
    case NIOSSLError.handshakeFailed(let cause):
        return "TLS handshake failed: \(cause)"
    case let error as BoringSSLError:
        return "TLS failed: \(error)"
    default:
        return "\(error)"
    }
}
