import FoundationEssentials
import Synchronization

/// A conversation with one QEMU: commands with their answers, and what it tells unasked.
package final class QMPSession: Sendable {
    /// What QEMU tells unasked, oldest first; the oldest are dropped when nobody reads. Ends with
    /// the session.
    package let events: AsyncStream<QMPEvent>

    private let writer: ByteWriter
    private let sink: AsyncStream<QMPEvent>.Continuation
    private let state = Mutex(State())

    private struct State {
        var next = 1
        /// Slot 0 stands for the greeting.
        var slots: [Int: Slot] = [0: .open]
        var ended: QMPFailure?
        /// Events that came so far.
        var heard = 0
        /// Those who wait for the next event, by number.
        var listeners: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    /// The answer to one command.
    private enum Slot {
        /// Sent, and nobody waits yet.
        case open  // → waiting, answered
        case waiting(CheckedContinuation<Result<[UInt8], QMPFailure>, Never>)  // → gone
        case answered(Result<[UInt8], QMPFailure>)  // → gone
    }

    init(writer: ByteWriter) {
        self.writer = writer
        (events, sink) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingNewest(HostIOLimits.qmpEvents))
    }

    /// Runs a command without arguments whose answer does not matter.
    package func execute(
        _ command: String, within limit: Duration = .seconds(10)
    ) async throws(QMPFailure) {
        _ = try await execute(
            command, arguments: NoArguments(), returning: Ignored.self, within: limit)
    }

    /// Runs a command and decodes what it returns.
    package func execute<Returned: Decodable & Sendable>(
        _ command: String, arguments: (some Encodable & Sendable)? = NoArguments?.none,
        returning: Returned.Type, within limit: Duration = .seconds(10)
    ) async throws(QMPFailure) -> Returned {
        let number = try state.withLock { state throws(QMPFailure) -> Int in
            if let ended = state.ended { throw ended }
            defer { state.next += 1 }
            state.slots[state.next] = .open
            return state.next
        }
        defer { _ = state.withLock { $0.slots.removeValue(forKey: number) } }
        let request: [UInt8]
        do {
            let encoder = JSONEncoder()
            request = Array(
                try encoder.encode(Request(execute: command, arguments: arguments, id: number)))
        } catch {
            throw .refused(class: "EncodingFailed", description: "\(error)")
        }
        do throws(SocketFailure) {
            try await writer.write(request + [UInt8(ascii: "\n")])
        } catch {
            throw .connection(error)
        }
        let line = try await answer(to: number, within: limit)
        do {
            return try JSONDecoder().decode(Reply<Returned>.self, from: Data(line)).return
        } catch {
            throw .connection(.closed("QEMU answered \(command) with something unknown: \(error)"))
        }
    }

    /// Waits for the greeting and ends the negotiation, in which nothing else may be asked.
    func open(within limit: Duration) async throws(QMPFailure) {
        _ = try await answer(to: 0, within: limit)
        _ = state.withLock { $0.slots.removeValue(forKey: 0) }
        try await execute("qmp_capabilities", within: limit)
    }

    /// Reads until QEMU closes the connection or the session ends; then every open command fails.
    func receive(from reader: ByteReader) async {
        var end = QMPFailure.connection(.closed("QEMU closed the connection"))
        var pending: [UInt8] = []
        do throws(SocketFailure) {
            while let bytes = try await reader.next() {
                pending += bytes
                while let newline = pending.firstIndex(of: UInt8(ascii: "\n")) {
                    deliver(Array(pending[..<newline]))
                    pending.removeSubrange(...newline)
                }
                guard pending.count <= HostIOLimits.qmpLine else {
                    throw .tooLarge(limit: HostIOLimits.qmpLine)
                }
            }
        } catch {
            end = .connection(error)
        }
        close(end)
    }

    private func deliver(_ line: [UInt8]) {
        // A line that is no message answers nothing; its command runs into its deadline.
        guard let message = try? JSONDecoder().decode(Message.self, from: Data(line)) else {
            return
        }
        if let event = message.event {
            sink.yield(QMPEvent(name: event, line: line))
            wake { $0.heard += 1 }
        } else if message.QMP != nil {
            settle(0, .success(line))
        } else if let number = message.id {
            if let error = message.error {
                settle(number, .failure(.refused(class: error.class, description: error.desc)))
            } else {
                settle(number, .success(line))
            }
        }
    }

    private func settle(_ number: Int, _ result: Result<[UInt8], QMPFailure>) {
        let waiting = state.withLock {
            state -> CheckedContinuation<Result<[UInt8], QMPFailure>, Never>? in
            switch state.slots[number] {
            case .waiting(let continuation):
                state.slots[number] = nil
                return continuation
            case .open: state.slots[number] = .answered(result)
            case .answered, nil: break
            }
            return nil
        }
        waiting?.resume(returning: result)
    }

    private func close(_ failure: QMPFailure) {
        wake { $0.ended = failure }
        for number in state.withLock({ Array($0.slots.keys) }) {
            settle(number, .failure(failure))
        }
        sink.finish()
    }

    private func answer(
        to number: Int, within limit: Duration
    ) async throws(QMPFailure) -> [UInt8] {
        try await withDeadline(limit, late: QMPFailure.connection(.timedOut(limit))) {
            [self] () async throws(QMPFailure) -> [UInt8] in
            try await answer(to: number).get()
        }
    }

    private func answer(to number: Int) async -> Result<[UInt8], QMPFailure> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known: Result<[UInt8], QMPFailure>? = state.withLock { state in
                    if case .answered(let result) = state.slots[number] { return result }
                    if let ended = state.ended { return .failure(ended) }
                    // A cancellation before this line found nobody waiting, so it is asked for
                    // here.
                    if Task.isCancelled { return .failure(.connection(.cancelled)) }
                    state.slots[number] = .waiting(continuation)
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            settle(number, .failure(.connection(.cancelled)))
        }
    }
}

extension QMPSession {
    /// How many events came so far; for `news`.
    package var heard: Int { state.withLock { $0.heard } }

    /// Returns once more than `count` events came or none can come any more, after `limit`, or when
    /// the task is cancelled.
    ///
    /// Whoever waits for a state of QEMU takes `heard`, asks for the state, and waits here before
    /// asking again: so nothing that happens between is missed, and no event has to be understood.
    package func news(after count: Int, within limit: Duration) async {
        try? await withDeadline(limit, late: QMPFailure.connection(.timedOut(limit))) {
            [self] () async throws(QMPFailure) in
            await news(after: count)
        }
    }

    private func news(after count: Int) async {
        let number = state.withLock { state -> Int in
            defer { state.next += 1 }
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state -> Bool in
                    // A cancellation before this line found nobody listening, so it is asked for
                    // here.
                    if state.heard > count || state.ended != nil || Task.isCancelled { return true }
                    state.listeners[number] = continuation
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.listeners.removeValue(forKey: number) }?.resume()
        }
    }

    /// Changes the state and lets everyone look who listens.
    private func wake(after change: (inout State) -> Void) {
        let listeners = state.withLock { state in
            change(&state)
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.resume() }
    }
}

/// For commands that take none.
package struct NoArguments: Encodable, Sendable {
    package init() {}
}

private struct Ignored: Decodable, Sendable {
    init(from decoder: any Decoder) {}
}

private struct Request<Arguments: Encodable>: Encodable {
    let execute: String
    let arguments: Arguments?
    let id: Int
}

private struct Reply<Returned: Decodable>: Decodable {
    let `return`: Returned
}

private struct Message: Decodable {
    let event: String?
    let id: Int?
    let error: Refusal?
    let QMP: Ignored?

    struct Refusal: Decodable {
        let `class`: String
        let desc: String
    }
}
