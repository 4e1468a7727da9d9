import HTTP2
import NIOCore
import NIOTLS
import RPC

/// One connection on its event loop: feeds the engine, carries its frames, keeps its time.
///
/// Invariant: everything here runs on the channel's event loop. Tasks reach it only by its link.
class ConnectionHandler<Engine: ConnectionEngine & ~Copyable>: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let link: ConnectionLink
    var engine: Engine
    private(set) var context: ChannelHandlerContext?
    private let isSecure: Bool
    private let deadlines: Deadlines
    private var executor: LoopExecutor?
    private var calls = OpenCalls()
    private var keepalive = Keepalive()
    private var timer: Scheduled<Void>?
    private var handshake: Scheduled<Void>?
    private var farewell: Scheduled<Void>?, closing: Scheduled<Void>?
    /// The deadline of the header block of that number.
    private var headerBlock: (number: Int, deadline: Scheduled<Void>?)?
    private var hasBegun = false
    private var heard = false, readsLittle = false
    private var flushed = 0
    private var inCalls = OutboundShare(of: .calls)
    private var inSocket = OutboundShare(of: .socket)
    /// What the last output took: the next is likely to take as much.
    private var outputHint = 512

    /// Why the connection ends, as far as is known: the first reason is the best.
    private(set) var reason: String?

    init(
        engine: consuming Engine, link: ConnectionLink, isSecure: Bool,
        deadlines: Deadlines = .standard
    ) {
        self.engine = engine
        self.link = link
        self.isSecure = isSecure
        self.deadlines = deadlines
    }

    // MARK: What the roles add

    /// The connection is up and, with TLS, past its handshake.
    func begun() {}

    /// An event that concerns the role and not a call under way.
    func handle(_ event: CallEvent) {}

    /// A command that only one role knows.
    func handle(_ command: Command) {}

    /// The connection is gone.
    func ended(_ status: RPCStatus) {}

    /// True for connections that may not sit without a call.
    var mustBeUsed: Bool { false }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        executor = EventLoops.executor(of: context.eventLoop)
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        link.attach { handler.value.runCommands() }
        if context.channel.isActive { channelActive(context: context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { finish() }

    func channelActive(context: ChannelHandlerContext) {
        guard handshake == nil, !hasBegun else { return }
        handshake = schedule(after: deadlines.handshake) { handler in
            let step = handler.hasBegun ? "HTTP/2 settings" : "TLS handshake"
            handler.close("no \(step) in time")
        }
        if !isSecure { begin() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let negotiated) = event as? TLSUserEvent {
            if negotiated == "h2" {
                begin()
            } else {
                close("the peer does not speak HTTP/2 (ALPN)")
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        heard = true
        // The tasks of the calls run here, between the messages they get and the answers they give, so that a call which
        // needs no more than it has costs no turn of the loop.
        link.attend()
        executor?.attend()
        let hasFailed = !receive(buffer)
        watchResets()
        watchHeaderBlock()
        dispatch()
        executor?.run()
        carryOut(link.leave())
        if hasFailed {
            flush()
            self.context?.closeAtOnce()
        }
    }

    /// False when the connection cannot go on.
    private func receive(_ buffer: ByteBuffer) -> Bool {
        do throws(RPCStatus) {
            try engine.receive(buffer.readableBytesSpan)
            return true
        } catch {
            // The engine's farewell names the peer's error; the first reason is ours.
            if reason == nil { reason = error.message }
            return false
        }
    }

    /// Who resets calls has shorter turns: it costs us more by the byte than anybody else.
    private func watchResets() {
        guard (engine.resets > 0) != readsLittle else { return }
        readsLittle.toggle()
        context?.read(little: readsLittle)
    }

    private func watchHeaderBlock() {
        let open = engine.openHeaderBlock
        guard open != headerBlock?.number else { return }
        headerBlock?.deadline?.cancel()
        headerBlock = open.map { number in
            let deadline = schedule(after: deadlines.headerBlock) { handler in
                handler.close("a header block was not ended")
            }
            return (number, deadline)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        let before = flushed
        flush()
        if flushed > before { executor?.answered() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { flush() }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(describe(error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish()
        context.fireChannelInactive()
    }

    // MARK: Calls

    /// Takes a call under way, with its deadline.
    func adopt(_ pipe: CallPipe, as id: CallID, timeout: Duration?) {
        pipe.id = id
        let deadline = timeout.flatMap { timeout -> Scheduled<Void>? in
            context?.eventLoop.assumeIsolated().scheduleTask(
                in: .nanoseconds(timeout.nanoseconds)
            ) { [weak self] in self?.expire(id) }
        }
        calls.add(OpenCalls.Call(pipe: pipe, deadline: deadline), as: id)
    }

    private func expire(_ id: CallID) {
        let status = RPCStatus(.deadlineExceeded, "the call's deadline has passed")
        guard let pipe = forget(id) else { return }
        engine.expire(id, with: status)
        pipe.end(status, keepsMessages: false)
        flush()
    }

    private func forget(_ id: CallID) -> CallPipe? {
        guard let call = calls.remove(id) else { return nil }
        call.deadline?.cancel()
        return call.pipe
    }

    private func runCommands() {
        carryOut(link.take())
        flush()
    }

    private func carryOut(_ commands: [Command]) {
        for command in commands {
            switch command {
            case .send(let pipe, let message):
                if let id = pipe.id { engine.send(message, on: id) }
            case .sendCompressed(let pipe, let message):
                if let id = pipe.id { engine.sendCompressed(message, on: id) }
            case .end(let pipe, let status):
                guard let id = pipe.id, forget(id) != nil else { continue }
                engine.end(id, with: status)
            case .credit(let pipe, let bytes):
                if let id = pipe.id { engine.credit(bytes, on: id) }
            case .open, .halfClose, .begin, .trailers:
                handle(command)
            case .shutDown:
                engine.shutDown()
                endAfterFarewell()
            case .close(let cause):
                // Before the farewell goes out: with it the engine is finished, which closes too.
                if reason == nil { reason = cause }
                endCalls(RPCStatus(.cancelled, "the connection was closed from this side"))
                engine.shutDown()
                flush()
                close(cause)
            }
        }
    }

    // MARK: Engine events

    private func dispatch() {
        for event in engine.takeEvents() {
            switch event {
            case .received(let id, let bytes):
                let credit = calls.pipe(of: id)?.received(bytes) ?? 0
                if credit > 0 { engine.credit(credit, on: id) }
            case .message(let id, let message):
                calls.pipe(of: id)?.deliver(message)
            case .metadata(let id, let metadata):
                calls.pipe(of: id)?.metadata = metadata
            case .trailers(let id, let metadata):
                calls.pipe(of: id)?.trailers = metadata
            case .halfClosed(let id):
                calls.pipe(of: id)?.halfClose()
            case .drained(let id, let bytes):
                calls.pipe(of: id)?.drained(bytes)
            case .ended(let id, let status):
                forget(id)?.end(status, keepsMessages: keepsMessages)
            case .ready:
                handshake?.cancel()
                handle(event)
            case .opened, .refused, .goingAway:
                handle(event)
            case .pong:
                break  // any byte counts as a sign of life
            }
        }
    }

    /// A client's reader gets what came before the status; a cancelled handler has no use for it.
    var keepsMessages: Bool { true }

    // MARK: Output

    /// Hands the socket what the engine has, until it takes no more.
    func flush() {
        guard hasBegun, let context else { return }
        var written = 0
        repeat {
            guard engine.hasOutput else { break }
            guard context.channel.isWritable else {
                if self.context != nil { inCalls.tell(engine.queuedBytes) }
                return
            }
            var buffer = context.channel.allocator.buffer(capacity: outputHint)
            do throws(RPCStatus) {
                written = try engine.drain(limit: Limits.flushBytes) { frame in
                    _ = frame.withUnsafeBytes { buffer.writeBytes($0) }
                }
            } catch {
                close(error.message)
                return
            }
            if written > 0 {
                flushed += written
                outputHint = max(512, min(written, Limits.flushBytes))
                context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
            }
            dispatch()
        } while written >= Limits.flushBytes
        // A write may have found the connection broken, which ends all of this at once.
        guard self.context != nil else { return }
        inCalls.tell(engine.queuedBytes)
        if engine.isFinished { closeWhenWritten() }
    }

    /// Closes as soon as the socket has taken what the engine has said: closing drops the rest.
    private func closeWhenWritten() {
        if reason == nil { reason = engine.complaint ?? "the connection is finished" }
        guard let context, context.unwritten > 0 else {
            close("the connection is finished")
            return
        }
        endAfterFarewell()
        guard closing == nil else { return }
        closing = schedule(after: .milliseconds(10)) { handler in
            handler.closing = nil
            handler.closeWhenWritten()
        }
    }

    /// A peer that does not take the last that we say gets no more time.
    private func endAfterFarewell() {
        guard farewell == nil else { return }
        farewell = schedule(after: Limits.farewell) { handler in
            handler.close("closed from this side")
        }
    }

    // MARK: Life

    private func begin() {
        guard !hasBegun else { return }
        hasBegun = true
        begun()
        scheduleTick()
        flush()
    }

    private func scheduleTick() {
        timer = schedule(after: deadlines.tick) { handler in handler.tick() }
    }

    private func tick() {
        guard let context else { return }
        let isPatient = !mustBeUsed && OutboundPressure.isPatient
        let full = context.fullSocket
        inSocket.tell(full?.holds ?? 0)
        let seen = Keepalive.Observation(
            heard: heard, written: flushed, backlog: full?.backlog(mayBeSlow: isPatient),
            isIdle: mustBeUsed && calls.isEmpty)
        heard = false
        switch keepalive.handle(seen) {
        case .none: break
        case .ping: engine.ping()
        case .shutDown: engine.shutDown()
        case .close(let reason):
            if self.reason == nil { self.reason = reason }
            context.resetOnClose()
            context.closeAtOnce()
            return
        }
        engine.tick(readersMayPause: isPatient)
        dispatch()
        scheduleTick()
        flush()
    }

    private func schedule(
        after delay: Duration, _ action: @escaping (ConnectionHandler<Engine>) -> Void
    ) -> Scheduled<Void>? {
        context?.eventLoop.assumeIsolated().scheduleTask(
            in: .nanoseconds(delay.nanoseconds)
        ) { [weak self] in
            if let self { action(self) }
        }
    }

    /// Closes for a reason; the rest happens when the channel says that it is inactive.
    func close(_ reason: String) {
        if self.reason == nil { self.reason = reason }
        context?.close(promise: nil)
    }

    private func endCalls(_ status: RPCStatus) {
        let open = calls
        calls = OpenCalls()
        for call in open.all {
            call.deadline?.cancel()
            call.pipe.end(status, keepsMessages: keepsMessages)
        }
    }

    private func finish() {
        guard context != nil else { return }
        context = nil
        timer?.cancel()
        inCalls.tell(0)
        inSocket.tell(0)
        handshake?.cancel()
        farewell?.cancel()
        closing?.cancel()
        headerBlock?.deadline?.cancel()
        let cause = reason ?? engine.complaint ?? "the peer closed the connection"
        let status = RPCStatus(.unavailable, cause)
        endCalls(status)
        for case .open(let pipe, _, _, _) in link.sever() {
            pipe.end(status, keepsMessages: false)
        }
        ended(status)
    }
}
