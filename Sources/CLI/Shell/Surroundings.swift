package import ClusterModel
package import Specs

/// Everything outside a command that it may touch, so that a test can stand in for all of it.
package struct Surroundings: Sendable {
    package var environment: [String: String]
    package var terminal: Terminal
    package var write: @Sendable (Stream, [UInt8]) -> Void
    package var files: Files
    package var input: Input
    package var now: @Sendable () -> Instant
    package var sleep: @Sendable (Duration) async -> Void
    /// Connects as the context says, within the time given.
    package var connect:
        @Sendable (ContextFile, Duration) async throws(ClusterAccess.Failure) -> ClusterAccess

    package enum Stream: Hashable, Sendable {
        /// Data, and nothing else.
        case output
        /// Everything that is not data.
        case error
    }

    /// The file system, as far as commands touch it.
    package struct Files: Sendable {
        package var read: @Sendable (String) throws(FileFailure) -> [UInt8]
        /// Names in a directory in ascending order; `nil` when it is no directory.
        package var list: @Sendable (String) -> [String]?
        /// Permission bits; `nil` when there is no such file.
        package var permissions: @Sendable (String) -> UInt16?
        package var open: @Sendable (String) throws(FileFailure) -> OpenFile
        /// Makes a file of these bytes, in place of what was there, or puts them behind what is there.
        package var write: @Sendable (String, [UInt8], Writing) throws(FileFailure) -> Void

        package enum Writing: Hashable, Sendable {
            case anew
            /// For its owner's eyes alone.
            case secret
            case behind
        }

        package init(
            read: @escaping @Sendable (String) throws(FileFailure) -> [UInt8],
            list: @escaping @Sendable (String) -> [String]?,
            permissions: @escaping @Sendable (String) -> UInt16?,
            open: @escaping @Sendable (String) throws(FileFailure) -> OpenFile,
            write: @escaping @Sendable (String, [UInt8], Writing) throws(FileFailure) -> Void
        ) {
            self.read = read
            self.list = list
            self.permissions = permissions
            self.open = open
            self.write = write
        }
    }

    /// A file that is read in pieces.
    package struct OpenFile: Sendable {
        package let size: Bytes
        /// At most so many of the next bytes; empty at the end.
        package let next: @Sendable (Int) throws(FileFailure) -> [UInt8]

        package init(size: Bytes, next: @escaping @Sendable (Int) throws(FileFailure) -> [UInt8]) {
            self.size = size
            self.next = next
        }
    }

    /// Standard input.
    package struct Input: Sendable {
        /// Everything up to its end.
        package var readAll: @Sendable () throws(FileFailure) -> [UInt8]
        package var readLine: @Sendable () -> String?
        /// The next bytes as they come; `nil` at the end or when the task is cancelled.
        package var next: @Sendable () async -> [UInt8]?
        /// Makes the terminal pass every key on, and gives what undoes that.
        package var makeRaw: @Sendable () -> @Sendable () -> Void

        package init(
            readAll: @escaping @Sendable () throws(FileFailure) -> [UInt8],
            readLine: @escaping @Sendable () -> String?,
            next: @escaping @Sendable () async -> [UInt8]?,
            makeRaw: @escaping @Sendable () -> @Sendable () -> Void
        ) {
            self.readAll = readAll
            self.readLine = readLine
            self.next = next
            self.makeRaw = makeRaw
        }
    }

    package init(
        environment: [String: String], terminal: Terminal,
        write: @escaping @Sendable (Stream, [UInt8]) -> Void, files: Files, input: Input,
        now: @escaping @Sendable () -> Instant, sleep: @escaping @Sendable (Duration) async -> Void,
        connect:
            @escaping @Sendable (ContextFile, Duration) async throws(ClusterAccess.Failure) ->
            ClusterAccess
    ) {
        self.environment = environment
        self.terminal = terminal
        self.write = write
        self.files = files
        self.input = input
        self.now = now
        self.sleep = sleep
        self.connect = connect
    }
}

/// Why a file could not be read, in the system's words.
package struct FileFailure: Error, Hashable, Sendable {
    package let path: String
    package let reason: String

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }
}
