import NIOCore
import NIOHTTP1
import Synchronization

/// The parts of one answer in their order: first the head, then the body.
final class ResponseParts {
    private var iterator: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator

    init(_ inbound: NIOAsyncChannelInboundStream<HTTPClientResponsePart>) {
        iterator = inbound.makeAsyncIterator()
    }

    func head(timer: ChannelTimer?) async throws(SocketFailure) -> HTTPResponseHead {
        let part: HTTPClientResponsePart?
        do throws(SocketFailure) {
            part = try await next()
        } catch {
            throw timer?.timeOut ?? error
        }
        switch part {
        case .head(let head):
            return HTTPResponseHead(
                status: Int(head.status.code),
                headers: head.headers.map { HTTPRequest.Header($0.name, $0.value) })
        case .body, .end: throw .closed("the service answered without a head")
        case nil:
            if let late = timer?.timeOut { throw late }
            throw .closed("the service closed the connection without an answer")
        }
    }

    func body() -> ByteReader {
        ByteReader { () async throws(SocketFailure) -> [UInt8]? in
            switch try await self.next() {
            case .body(let buffer): return Array(buffer.readableBytesView)
            case .end: return nil
            case .head: throw .closed("the service answered twice")
            case nil: throw .closed("the service closed the connection in the middle of its answer")
            }
        }
    }

    private func next() async throws(SocketFailure) -> HTTPClientResponsePart? {
        do {
            if let part = try await iterator.next(isolation: #isolation) { return part }
        } catch {
            throw SocketFailure(error)
        }
        if Task.isCancelled { throw .cancelled }
        return nil
    }
}

/// Closes a channel after a while unless it is cancelled before: a deadline without a task of its
/// own.
final class ChannelTimer: Sendable {
    private let limit: Duration
    private let fired: Mutex<Bool>
    private let scheduled: Mutex<Scheduled<Void>?>

    init(closing channel: any Channel, after limit: Duration) {
        self.limit = limit
        fired = Mutex(false)
        scheduled = Mutex(nil)
        let task = channel.eventLoop.scheduleTask(in: TimeAmount(limit)) { [self] in
            fired.withLock { $0 = true }
            channel.close(promise: nil)
        }
        scheduled.withLock { $0 = task }
    }

    /// The failure that its firing means; `nil` as long as it has not fired.
    var timeOut: SocketFailure? { fired.withLock { $0 } ? .timedOut(limit) : nil }

    func cancel() { scheduled.withLock { $0?.cancel() } }
}
