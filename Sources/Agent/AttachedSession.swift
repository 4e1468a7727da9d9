import API
import ClusterModel
import Ports
import RPC
import Transport
import Wire

/// One stream that the coordinator asked for: logs, a command, or a console.
struct AttachedSession: Sendable {
    let order: AttachOrder
    let drivers: DriverSet
    let shell: AgentShell

    /// Opens the stream and serves it to its end.
    func run(over client: Client) async {
        // A coordinator that went away needs no answer; the next connection starts afresh.
        guard let call = try? await AgentsClient(client: client).attach() else { return }
        let (typed, keyboard) = AsyncStream.makeStream(
            of: [UInt8].self, bufferingPolicy: .bufferingOldest(AgentLimits.queuedKeys))
        await withTaskGroup(of: AttachEnd?.self) { group in
            group.addTask { await serve(call, typed) }
            group.addTask {
                await listen(call, keyboard)
                return nil
            }
            guard let end = await group.next() ?? nil else {
                // The user has gone: what still runs for him ends.
                group.cancelAll()
                return
            }
            try? await call.requests.send(.end(end))
            call.requests.finish()
            // Until the coordinator has taken the end and lets go.
            await group.waitForAll()
        }
    }

    /// Takes what the user types until he has gone; what nobody reads any more is dropped.
    private func listen(
        _ call: MessageCall<AttachOutput, AttachInput>,
        _ keyboard: AsyncStream<[UInt8]>.Continuation
    ) async {
        while let message = try? await call.replies.next() {
            switch message {
            case .bytes(let bytes): keyboard.yield(bytes)
            case .closed: keyboard.finish()
            }
        }
        keyboard.finish()
    }

    private func serve(
        _ call: MessageCall<AttachOutput, AttachInput>, _ typed: AsyncStream<[UInt8]>
    ) async -> AttachEnd {
        do throws(DriverFailure) {
            do throws(RPCStatus) {
                try await call.requests.send(.session(order.session))
            } catch {
                throw DriverFailure(.unavailable, "the user went away", cause: error.message)
            }
            return AttachEnd(exitCode: try await converse(call, typed), failure: "")
        } catch {
            return AttachEnd(exitCode: 0, failure: error.words)
        }
    }

    private func converse(
        _ call: MessageCall<AttachOutput, AttachInput>, _ typed: AsyncStream<[UInt8]>
    ) async throws(DriverFailure) -> Int {
        guard let kind = await shell.kind(of: order.instance) else {
            throw DriverFailure(.notFound, "\(order.instance) is not on this host")
        }
        let driver = try drivers.driver(of: kind)
        let output = { @Sendable (chunk: LogChunk) async throws(DriverFailure) in
            do throws(RPCStatus) {
                try await call.requests.send(.output(OutputChunk(chunk)))
            } catch {
                throw DriverFailure(.unavailable, "the user went away", cause: error.message)
            }
        }
        let session = TerminalSession(
            input: { () async throws(DriverFailure) -> [UInt8]? in
                for await bytes in typed { return bytes }
                return nil
            }, output: output)
        switch order.kind {
        case .logs:
            try await sendLog(of: driver, into: output)
            return 0
        case .exec:
            guard let driver = driver as? any ExecutingDriver else {
                throw DriverFailure(
                    .unsupported, "a \(kind.rawValue) runs no further commands; it has a console")
            }
            return try await driver.execute(
                order.command, in: order.instance, terminal: order.terminal, session: session)
        case .console:
            guard let driver = driver as? any ConsoleDriver else {
                throw DriverFailure(
                    .unsupported, "a \(kind.rawValue) has no console; use huddle exec")
            }
            try await driver.console(of: order.instance, session: session)
            return 0
        }
    }
}
