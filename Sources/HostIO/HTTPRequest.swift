/// One request to a service behind a Unix socket.
package struct HTTPRequest: Sendable {
    package let method: Method
    /// Path and query, percent-encoded.
    package let target: String
    package let headers: [Header]
    package let body: Body

    package enum Method: String, Hashable, Sendable { case get, post, put, delete }

    /// One header field.
    package struct Header: Hashable, Sendable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What follows the head.
    package enum Body: Sendable {
        case none
        case bytes([UInt8], type: String)
        /// Pulled piece by piece as the service takes it; `nil` ends it.
        case stream(type: String, next: @Sendable () async throws(SocketFailure) -> [UInt8]?)
        /// `bytes` as the body; afterwards the connection carries raw bytes both ways.
        ///
        /// Works with services that take over the connection once they have read the announced
        /// length, as Podman and Docker do for attached commands: no upgrade of the protocol is
        /// negotiated.
        case takenOver([UInt8], type: String)
    }

    package init(
        _ method: Method, _ target: String, headers: [Header] = [], body: Body = .none
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }
}
