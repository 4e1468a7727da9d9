import HostIO
import Ports
import Synchronization

/// Calls of Podman's own REST API, in the version that both sides know.
final class PodmanAPI: Sendable {
    let client: UnixHTTPClient
    private let negotiated = Mutex<String?>(nil)

    init(socket: String) { client = UnixHTTPClient(socket: socket) }

    /// Sends `request` to `path` and returns the answer, whatever its status.
    func send(
        _ method: HTTPRequest.Method, _ path: String, query: [(String, String)] = [],
        body: HTTPRequest.Body = .none, within limit: Duration = DriverLimits.call
    ) async throws(DriverFailure) -> HTTPResponse {
        let target = try await target(path, query)
        do throws(SocketFailure) {
            return try await client.send(HTTPRequest(method, target, body: body), within: limit)
        } catch {
            throw DriverFailure(podman: error)
        }
    }

    /// Sends a request whose answer is a stream.
    func exchange<Outcome: Sendable>(
        _ method: HTTPRequest.Method, _ path: String, query: [(String, String)] = [],
        body: HTTPRequest.Body = .none, headWithin: Duration? = DriverLimits.call,
        _ use: (HTTPResponseHead, ByteReader, ByteWriter) async throws(DriverFailure) -> Outcome
    ) async throws(DriverFailure) -> Outcome {
        try await client.exchange(
            HTTPRequest(method, try await target(path, query), body: body), headWithin: headWithin,
            failing: DriverFailure.init(podman:), use)
    }

    /// What the service says of itself.
    func version() async throws(DriverFailure) -> String {
        let response: HTTPResponse
        do throws(SocketFailure) {
            response = try await client.send(
                HTTPRequest(.get, "/libpod/_ping"), within: .seconds(10))
        } catch {
            throw DriverFailure(podman: error)
        }
        guard response.head.isSuccess, let version = response.head.header("Libpod-API-Version")
        else {
            throw DriverFailure(
                .unavailable, "the service at \(client.socket) is not Podman",
                cause: "it answered \(response.head.status) without a Libpod-API-Version")
        }
        return version
    }

    /// Percent-encodes what is not allowed in a path or a query value.
    static func encoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"), UInt8(ascii: ":"):
                result.append(Character(Unicode.Scalar(byte)))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
    }

    /// A service of version 5 or later speaks v5.0.0, an older one v4.0.0; asked once.
    private func target(
        _ path: String, _ query: [(String, String)]
    ) async throws(DriverFailure) -> String {
        let prefix: String
        if let known = negotiated.withLock({ $0 }) {
            prefix = known
        } else {
            let version = try await version()
            guard let major = Int(version.prefix { $0.isNumber }), major >= 4 else {
                throw DriverFailure(
                    .unsupported, "Podman \(version) is too old, 4.0 or later is needed")
            }
            prefix = major >= 5 ? "/v5.0.0/libpod" : "/v4.0.0/libpod"
            negotiated.withLock { $0 = prefix }
        }
        let pairs = query.map { "\($0.0)=\(Self.encoded($0.1))" }.joined(separator: "&")
        return prefix + path + (pairs.isEmpty ? "" : "?" + pairs)
    }
}
