package import ClusterModel

/// What comes from an instance that a user is attached to.
package enum AttachOutput: Hashable, Sendable {
    /// First on an agent's stream: the session that the coordinator named.
    case session(String)
    case output(OutputChunk)
    /// Last on the stream.
    case end(AttachEnd)
}

/// Bytes that an instance or a command in it wrote.
package struct OutputChunk: Hashable, Sendable {
    /// Whether they were written to standard error.
    package let errorStream: Bool
    package let bytes: [UInt8]

    package init(errorStream: Bool = false, bytes: [UInt8]) {
        self.errorStream = errorStream
        self.bytes = bytes
    }
}

/// How an attached command ended.
package struct AttachEnd: Hashable, Sendable {
    package let exitCode: Int
    /// Why nothing could run; empty when something did.
    package let failure: String

    package init(exitCode: Int = 0, failure: String = "") {
        self.exitCode = exitCode
        self.failure = failure
    }
}

/// What goes to an instance that a user is attached to.
package enum AttachInput: Hashable, Sendable {
    case bytes([UInt8])
    /// The user's standard input has ended.
    case closed
}

/// One message of a user who runs a command in an instance or uses its console.
package enum TerminalRequest: Hashable, Sendable {
    /// The first message of a stream.
    case start(TerminalStart)
    case bytes([UInt8])
    /// The user's standard input has ended.
    case closed
}

/// Says which instance, and which command in it.
package struct TerminalStart: Hashable, Sendable {
    package let instance: InstanceID
    /// Empty for a console.
    package let command: [String]
    /// Whether the command gets a terminal.
    package let terminal: Bool

    package init(instance: InstanceID, command: [String] = [], terminal: Bool = false) {
        self.instance = instance
        self.command = command
        self.terminal = terminal
    }
}

/// Asks for what an instance wrote.
package struct LogsRequest: Hashable, Sendable {
    package let instance: InstanceID
    package let follow: Bool
    /// Lines to begin with; `nil` is all.
    package let tail: Int?

    package init(instance: InstanceID, follow: Bool = false, tail: Int? = nil) {
        self.instance = instance
        self.follow = follow
        self.tail = tail
    }
}
