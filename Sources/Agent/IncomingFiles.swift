import API
import ClusterModel
import HostIO
import Ports
import RPC
import Synchronization
import Wire
import Zstd

/// The files of an instance as they come from another agent, compressed or not; belongs to one task.
final class IncomingFiles: Sendable {
    private let chunks: MessageStream<Chunk>
    private let meter: FetchMeter
    /// What the first chunk says, and all others have to; `nil` before it.
    private let form = Mutex<Form?>(nil)

    private enum Form {
        case plain
        case zstd(ZstdReader)
    }

    init(from chunks: MessageStream<Chunk>, into meter: FetchMeter) {
        self.chunks = chunks
        self.meter = meter
    }

    /// The next bytes as the driver at the source gave them; `nil` at their end.
    func next() async throws(DriverFailure) -> [UInt8]? {
        while true {
            if let bytes = try await expanded() { return bytes }
            guard let chunk = try await receive() else { return nil }
            switch (form.withLock { $0 }, chunk.isZstd) {
            case (nil, false):
                form.withLock { $0 = .plain }
                return chunk.bytes
            case (.plain, false): return chunk.bytes
            case (nil, true):
                let reader = try readable { () throws(ZstdFailure) in try ZstdReader() }
                try readable { () throws(ZstdFailure) in try reader.give(chunk.bytes) }
                form.withLock { $0 = .zstd(reader) }
                meter.note(.zstd)
            case (.zstd(let reader), true):
                try readable { () throws(ZstdFailure) in try reader.give(chunk.bytes) }
            case (.plain, true), (.zstd, false):
                throw Self.broken("only a part of it is compressed")
            }
        }
    }

    /// Fails where what was compressed did not come whole and unchanged, which is known only at its very end.
    func requireEnd() async throws(DriverFailure) {
        guard case .zstd = form.withLock({ $0 }) else { return }
        guard try await next() == nil else { throw Self.broken("it goes on after its end") }
    }

    /// What is left to be given of what came.
    private func expanded() async throws(DriverFailure) -> [UInt8]? {
        guard case .zstd(let reader) = form.withLock({ $0 }) else { return nil }
        do throws(ZstdFailure) { return try await reader.next() } catch {
            throw Self.broken("\(error)")
        }
    }

    private func receive() async throws(DriverFailure) -> Chunk? {
        let chunk: Chunk?
        do throws(RPCStatus) { chunk = try await chunks.next() } catch {
            throw Self.broken(error.message)
        }
        if let chunk {
            meter.note(chunk.bytes.count)
        } else if case .zstd(let reader) = form.withLock({ $0 }) {
            try readable { () throws(ZstdFailure) in try reader.requireWhole() }
        }
        return chunk
    }

    private func readable<Value>(
        _ work: () throws(ZstdFailure) -> Value
    ) throws(DriverFailure) -> Value {
        do throws(ZstdFailure) { return try work() } catch { throw Self.broken("\(error)") }
    }

    private static func broken(_ cause: String) -> DriverFailure {
        DriverFailure(.unavailable, "the files did not arrive whole", cause: cause)
    }
}
