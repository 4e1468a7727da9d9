import NIOCore

/// Why a conversation over a Unix socket or a pipe did not come to its end.
package enum SocketFailure: Error, Hashable, Sendable {
    /// Nobody listens there, or this process may not connect; says which path and why.
    case unreachable(String)
    /// The other side said nothing for this long.
    case timedOut(Duration)
    /// The other side ended the conversation too early, or what it said cannot be understood.
    case closed(String)
    /// The other side sent more than this many bytes where less was agreed.
    case tooLarge(limit: Int)
    /// What was to be sent could not be read.
    case source(String)
    /// The task that asked was cancelled.
    case cancelled

    /// The failure that an error of the socket layer stands for.
    init(_ error: any Error) {
        switch error {
        case let failure as SocketFailure: self = failure
        case is CancellationError: self = .cancelled
        case let error as IOError: self = .closed(error.description)
        case ChannelError.inputClosed, ChannelError.outputClosed, ChannelError.ioOnClosedChannel,
            ChannelError.alreadyClosed, ChannelError.eof:
            self = .closed("the other side closed the connection")
        default: self = .closed("\(error)")
        }
    }
}

extension SocketFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let reason): reason
        case .timedOut(let limit): "no answer within \(limit)"
        case .closed(let reason): reason
        case .tooLarge(let limit): "more than \(limit) bytes"
        case .source(let reason): reason
        case .cancelled: "cancelled"
        }
    }
}
