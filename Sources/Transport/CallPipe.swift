import HTTP2
import RPC
import Synchronization

/// One call between its task and its connection's event loop.
///
/// The loop delivers and ends; tasks take, reserve and wait. A wait is only a wake-up: whoever is
/// woken looks again, so a wake too many does no harm, and continuations are resumed outside the
/// lock.
final class CallPipe: Sendable {
    /// What a reader finds.
    enum Reading: Sendable {
        case message(ReceivedMessage)
        case end
        case failed(RPCStatus)
        case nothing
    }

    /// What a writer finds.
    enum Room: Sendable {
        case granted
        case full
        case over(RPCStatus)
    }

    private struct State {
        var id: CallID?

        /// The next to be read, and those after it; most calls have one message each way.
        var next: ReceivedMessage?
        var later: [ReceivedMessage] = []
        var head = 0
        var ledger = CreditLedger()
        /// The reader found nothing and has not been served since: it waits, or is about to.
        var isHungry = false
        var reader: CheckedContinuation<Void, Never>?
        var isRemoteClosed = false

        var inFlight: Int
        var isLocalClosed: Bool
        var writers: [CheckedContinuation<Void, Never>] = []

        /// Messages of ours may be compressed.
        var isCompressing = false

        /// What the server sent before its messages and with its status.
        var metadata = Metadata()
        var trailers = Metadata()

        /// How the call ended; `nil` while it goes on.
        var outcome: RPCStatus?
        var refusal: RPCStatus?

        var hasMessage: Bool { next != nil }

        func fits(_ bytes: Int) -> Bool {
            inFlight == 0 || inFlight + bytes <= OutboundPressure.allowance
        }

        mutating func add(_ message: ReceivedMessage) {
            if next == nil { next = message } else { later.append(message) }
        }

        mutating func takeMessage() -> ReceivedMessage? {
            guard let message = next else { return nil }
            next = nil
            if head < later.count {
                next = later[head]
                head += 1
                if head == later.count || head >= 64 {
                    later.removeFirst(head)
                    head = 0
                }
            }
            ledger.taken(cost: message.cost)
            isHungry = false
            return message
        }

        mutating func dropMessages() {
            next = nil
            later = []
            head = 0
        }

        mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
            var waiters = writers
            writers = []
            if let reader { waiters.append(reader) }
            reader = nil
            return waiters
        }
    }

    let link: ConnectionLink

    /// On a server, whoever serves the call.
    let handlerTask = HandlerTask()
    private let state: Mutex<State>

    /// A pipe whose first `inFlight` outbound bytes go with the command that opens the call.
    init(link: ConnectionLink, inFlight: Int = 0, isLocalClosed: Bool = false) {
        self.link = link
        state = Mutex(State(inFlight: inFlight, isLocalClosed: isLocalClosed))
    }

    // MARK: The event loop's side

    /// The call's number on its connection, known from when the loop has opened it.
    var id: CallID? {
        get { state.withLock { $0.id } }
        set { state.withLock { $0.id = newValue } }
    }

    /// What the server sent before its first message.
    var metadata: Metadata {
        get { state.withLock { $0.metadata } }
        set { state.withLock { $0.metadata = newValue } }
    }

    /// What the server sent with its status.
    var trailers: Metadata {
        get { state.withLock { $0.trailers } }
        set { state.withLock { $0.trailers = newValue } }
    }

    /// Whether messages of ours may be compressed, as the call's beginning said.
    var isCompressing: Bool {
        get { state.withLock { $0.isCompressing } }
        set { state.withLock { $0.isCompressing = newValue } }
    }

    /// Counts bytes that arrived; returns the credit to give at once.
    func received(_ bytes: Int) -> Int {
        state.withLock { state in
            state.ledger.received(bytes)
            return state.ledger.takeCredit(consumerWaits: state.isHungry)
        }
    }

    func deliver(_ message: ReceivedMessage) {
        let reader = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.outcome == nil else { return nil }
            state.ledger.queued(cost: message.cost)
            state.add(message)
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }

    func halfClose() {
        let reader = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.isRemoteClosed = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }

    /// Counts outbound bytes that have left.
    func drained(_ bytes: Int) {
        let writers = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.inFlight = max(0, state.inFlight - bytes)
            guard state.inFlight < OutboundPressure.allowance else { return [] }
            defer { state.writers = [] }
            return state.writers
        }
        for writer in writers { writer.resume() }
    }

    // MARK: Both sides

    /// Ends the call, unless it has ended; `keepsMessages` lets the reader take what is delivered.
    @discardableResult
    func end(_ status: RPCStatus, keepsMessages: Bool) -> Bool {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>]? in
            guard state.outcome == nil else { return nil }
            state.outcome = status
            if !keepsMessages {
                state.dropMessages()
            }
            return state.takeWaiters()
        }
        guard let waiters else { return false }
        for waiter in waiters { waiter.resume() }
        handlerTask.cancel()
        return true
    }

    // MARK: The task's side

    var outcome: RPCStatus? { state.withLock { $0.outcome } }

    /// Ends the call from here and tells the connection.
    func finish(_ status: RPCStatus) {
        if end(status, keepsMessages: false) { link.post(.end(self, status)) }
    }

    /// Ends the call for a message that cannot be decoded, also when the other side has ended it well.
    func refuse(_ status: RPCStatus) {
        state.withLock { state in
            state.refusal = status
            guard state.outcome != nil else { return }
            state.outcome = status
            state.dropMessages()
        }
        finish(status)
    }

    /// The status of a message that could not be decoded, for which the call has ended.
    var refusal: RPCStatus? { state.withLock { $0.refusal } }

    func read() -> Reading {
        let (reading, credit) = state.withLock { state -> (Reading, Int) in
            if let message = state.takeMessage() {
                return (.message(message), owed(&state))
            }
            switch state.outcome {
            case .some(let status): return (status.code == .ok ? .end : .failed(status), 0)
            case .none where state.isRemoteClosed: return (.end, 0)
            case .none:
                state.isHungry = true
                return (.nothing, owed(&state))
            }
        }
        if credit > 0 { link.post(.credit(self, credit)) }
        return reading
    }

    /// Returns when `read` has something to say or the task is cancelled.
    func waitForMessage() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    let hasNews = state.hasMessage || state.isRemoteClosed || state.outcome != nil
                    if hasNews || Task.isCancelled { return true }
                    precondition(state.reader == nil, "two tasks read one call")
                    state.reader = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            wakeAll()
        }
    }

    /// Takes room for `bytes`; one message may exceed the bound when nothing else is queued.
    func reserve(_ bytes: Int) -> Room {
        state.withLock { state in
            if let outcome = state.outcome {
                let ended = RPCStatus(.failedPrecondition, "the call has ended")
                return .over(outcome.code == .ok ? ended : outcome)
            }
            guard !state.isLocalClosed else {
                return .over(RPCStatus(.failedPrecondition, "a message after the last"))
            }
            guard state.fits(bytes) else { return .full }
            state.inFlight += bytes
            return .granted
        }
    }

    /// Returns when there may be room for `bytes`, the call has ended or the task is cancelled.
    func waitForRoom(_ bytes: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if state.outcome != nil || Task.isCancelled || state.fits(bytes) { return true }
                    state.writers.append(continuation)
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            wakeAll()
        }
    }

    /// Says that no message follows; only the first time.
    func closeLocal() {
        let isFirst = state.withLock { state in
            defer { state.isLocalClosed = true }
            return !state.isLocalClosed
        }
        if isFirst { link.post(.halfClose(self)) }
    }

    // MARK: Private

    private func wakeAll() {
        let waiters = state.withLock { $0.takeWaiters() }
        for waiter in waiters { waiter.resume() }
    }

    /// No credit once the peer has sent all.
    private func owed(_ state: inout State) -> Int {
        state.isRemoteClosed ? 0 : state.ledger.takeCredit(consumerWaits: state.isHungry)
    }
}
