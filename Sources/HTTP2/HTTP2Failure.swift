/// Why a session can go no further, or refused a request of ours.
package struct HTTP2Failure: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        /// libnghttp2 could not be set up: out of memory, or a library too old.
        case setup
        /// The peer broke the protocol or a limit; the connection must be closed.
        case peer
        /// The connection takes no new stream: GOAWAY, or no stream number left.
        case noNewStreams
        /// Our own request was not acceptable to the library.
        case refused
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
