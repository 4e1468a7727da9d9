import RPC

/// How a command ended, as scripts see it.
package struct ExitStatus: Hashable, Sendable {
    package let code: Int32

    package init(_ code: Int32) { self.code = code }

    package static let done = ExitStatus(0)
    package static let failed = ExitStatus(1)
    /// Accepted, and no host can have it now.
    package static let notPlaced = ExitStatus(2)
    package static let timedOut = ExitStatus(3)
    package static let notFound = ExitStatus(4)
    /// Something else is or was under way: exists already, has changed, or forbids it.
    package static let conflict = ExitStatus(5)
    package static let notAllowed = ExitStatus(6)
    package static let unreachable = ExitStatus(7)
    /// The command line itself has to change.
    package static let usage = ExitStatus(64)
    /// `exec` and `console` failed themselves; every other code of theirs is the command's.
    package static let notAttached = ExitStatus(125)

    /// The code of a call's end.
    init(_ code: RPCStatus.Code) {
        switch code {
        case .ok: self = .done
        case .notFound: self = .notFound
        case .failedPrecondition, .aborted, .alreadyExists: self = .conflict
        case .permissionDenied, .unauthenticated: self = .notAllowed
        case .unavailable: self = .unreachable
        case .deadlineExceeded: self = .timedOut
        case .cancelled, .unknown, .invalidArgument, .resourceExhausted, .outOfRange,
            .unimplemented, .internal, .dataLoss:
            self = .failed
        }
    }
}
