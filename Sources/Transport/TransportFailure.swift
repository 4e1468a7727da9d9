/// Why a server could not start or go on.
package struct TransportFailure: Error, Hashable, Sendable {
    package enum Code: String, Hashable, Sendable {
        /// The address could not be had.
        case bind
        /// The certificate, key or trust roots are not usable.
        case credentials
        /// The listening socket died.
        case listener
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
