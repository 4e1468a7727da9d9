import Glibc
import NIOCore
import NIOPosix

/// Asks a port, of this host unless told otherwise, whether anything answers there.
package enum PortProbe {
    /// Why no connection could be made; `nil` when one was.
    ///
    /// - Parameter namespace: the network namespace to ask from, where that is not this process's.
    package static func connect(
        _ host: String = loopback, port: UInt16, in namespace: String? = nil,
        within patience: Duration
    ) async -> String? {
        do {
            if let namespace {
                let descriptor = try await NamespaceEntry.connection(
                    from: namespace, to: host, port: port, within: patience)
                close(descriptor)
                return nil
            }
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.milliseconds(patience.components.seconds * 1_000))
                .connect(host: host, port: Int(port)).get()
            // A server that says its word and hangs up may have closed it already.
            channel.close(promise: nil)
            return nil
        } catch {
            return "port \(port) does not answer: \(error)"
        }
    }

    /// Why a GET of `path` was not answered with a success or a redirection; `nil` when it was.
    package static func get(
        _ path: String, _ host: String = loopback, port: UInt16, in namespace: String? = nil,
        within patience: Duration
    ) async -> String? {
        let limit = TimeAmount.milliseconds(patience.components.seconds * 1_000)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let answer = loop.makePromise(of: String.self)
        let late = loop.scheduleTask(in: limit) { answer.fail(ChannelError.connectTimeout(limit)) }
        defer { late.cancel() }
        do {
            let bootstrap = ClientBootstrap(group: loop).connectTimeout(limit)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(StatusLine(answer: answer))
                    }
                }
            let channel = try await open(bootstrap, host, port, namespace, patience)
            defer { channel.close(promise: nil) }
            let request = "GET \(path) HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            try await channel.writeAndFlush(ByteBuffer(string: request)).get()
            return judge(try await answer.futureResult.get(), path)
        } catch {
            answer.fail(error)
            return "port \(port) does not answer: \(error)"
        }
    }

    private static func open(
        _ bootstrap: ClientBootstrap, _ host: String, _ port: UInt16, _ namespace: String?,
        _ patience: Duration
    ) async throws -> any Channel {
        guard let namespace else {
            return try await bootstrap.connect(host: host, port: Int(port)).get()
        }
        let descriptor = try await NamespaceEntry.connection(
            from: namespace, to: host, port: port, within: patience)
        return try await bootstrap.withConnectedSocket(descriptor).get()
    }

    /// Where ports that are published on this host answer.
    package static let loopback = "127.0.0.1"

    /// - Source: RFC 9112, section 4, for the status line.
    private static func judge(_ line: String, _ path: String) -> String? {
        let words = line.split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let code = Int(words[1]) else {
            return "what answers does not speak HTTP"
        }
        return (200..<400).contains(code) ? nil : "GET \(path) is answered with \(code)"
    }
}

/// Takes the first line of an answer and nothing more.
private final class StatusLine: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Longest line that is waited for.
    private static let longest = 1_024

    private let answer: EventLoopPromise<String>
    private var text = ""

    init(answer: EventLoopPromise<String>) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
        if let end = text.firstIndex(where: \.isNewline) {
            answer.succeed(String(text[..<end]))
        } else if text.utf8.count > Self.longest {
            answer.succeed(text)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { answer.succeed(text) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }
}
