import ClusterModel
import RPC
import Wire

/// Joins the user's streams with a command or a console, until one side ends.
struct Attachment: Sendable {
    let shell: Shell
    let session: TerminalSession
    /// Ends the sentence that begins with "could not".
    let what: String
    let passesInput: Bool
    /// Whether the user's terminal passes every key on.
    let isRaw: Bool
    /// The key that leaves; `nil` when only the other side ends.
    let escape: UInt8?

    /// Ctrl-], as telnet and virsh leave: it is rarely typed otherwise.
    static let controlRightBracket: UInt8 = 0x1D

    /// How one of the two directions ended.
    private enum Ending: Sendable {
        case command(AttachEnd)
        case closed
        case inputEnded
        case escaped
        case failed(RPCStatus)
    }

    func run() async throws(CommandFailure) -> ExitStatus {
        let restore = isRaw ? shell.surroundings.input.makeRaw() : {}
        defer { restore() }
        let ending = await withTaskGroup(of: Ending.self) { group in
            group.addTask { await receive() }
            if passesInput {
                group.addTask { await forward() }
            } else {
                group.addTask { await closeInput() }
            }
            var ending = Ending.closed
            for await end in group {
                // The end of our input is not the end of the command.
                if case .inputEnded = end { continue }
                ending = end
                break
            }
            group.cancelAll()
            return ending
        }
        return try judge(ending)
    }

    private func judge(_ ending: Ending) throws(CommandFailure) -> ExitStatus {
        switch ending {
        case .command(let end):
            guard end.failure.isEmpty else {
                throw CommandFailure(
                    "could not \(what)", why: end.failure,
                    try: "huddle describe tells how the instance is")
            }
            return ExitStatus(Int32(truncatingIfNeeded: end.exitCode))
        case .escaped:
            shell.notice("\r\nleft")
            return .done
        case .closed, .inputEnded:
            throw CommandFailure(
                "could not \(what)", why: "the connection ended before it did",
                try: "huddle events tells what became of the instance")
        case .failed(let status):
            throw CommandFailure("could not \(what)", status)
        }
    }

    private func receive() async -> Ending {
        do {
            while let output = try await session.next() {
                switch output {
                case .session: continue
                case .output(let chunk):
                    shell.surroundings.write(chunk.errorStream ? .error : .output, chunk.bytes)
                case .end(let end): return .command(end)
                }
            }
            return .closed
        } catch {
            return .failed(error)
        }
    }

    private func forward() async -> Ending {
        do {
            while let bytes = await shell.surroundings.input.next() {
                if let escape, let index = bytes.firstIndex(of: escape) {
                    if index > 0 { try await session.send(.bytes(Array(bytes[..<index]))) }
                    return .escaped
                }
                try await session.send(.bytes(bytes))
            }
        } catch {
            // Whatever ended the call is told by the other direction, in full.
            return .inputEnded
        }
        return await closeInput()
    }

    private func closeInput() async -> Ending {
        guard !Task.isCancelled else { return .inputEnded }
        do { try await session.send(.closed) } catch { return .inputEnded }
        return .inputEnded
    }
}
