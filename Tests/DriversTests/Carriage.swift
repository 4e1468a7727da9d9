import HostIO
import Ports
import Synchronization
import Zstd

/// The way from one driver to another, compressed where that is asked for, as agents do it.
final class Carriage: Sendable {
    private let pieces = Mutex<[[UInt8]]>([])
    private let zstd: (writer: ZstdWriter, reader: ZstdReader)?

    init(isCompressed: Bool) throws(ZstdFailure) {
        zstd = isCompressed ? (try ZstdWriter(), try ZstdReader()) : nil
    }

    /// Bytes that are on their way.
    var count: Int { pieces.withLock { $0.reduce(0) { $0 + $1.count } } }

    func append(_ bytes: [UInt8]) async throws(DriverFailure) {
        guard let zstd else { return pieces.withLock { $0.append(bytes) } }
        let made = try await failing { () async throws(ZstdFailure) in
            try await zstd.writer.append(bytes)
        }
        if !made.isEmpty { pieces.withLock { $0.append(made) } }
    }

    func finish() async throws(DriverFailure) {
        guard let zstd else { return }
        let rest = try await failing { () async throws(ZstdFailure) in
            try await zstd.writer.finish()
        }
        pieces.withLock { $0.append(rest) }
    }

    func next() async throws(DriverFailure) -> [UInt8]? {
        guard let zstd else { return arrived() }
        return try await failing { () async throws(ZstdFailure) in
            while true {
                if let bytes = try await zstd.reader.next() { return bytes }
                guard let piece = arrived() else { return nil }
                try zstd.reader.give(piece)
            }
        }
    }

    /// Fails unless all of it came, and unchanged.
    func requireEnd() async throws {
        guard let zstd else { return }
        guard try await next() == nil else { throw ZstdFailure.trailing }
        try zstd.reader.requireWhole()
    }

    private func arrived() -> [UInt8]? {
        pieces.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    private func failing<Value: Sendable>(
        _ work: () async throws(ZstdFailure) -> Value
    ) async throws(DriverFailure) -> Value {
        do throws(ZstdFailure) { return try await work() } catch {
            throw DriverFailure(.unavailable, "it did not arrive whole", cause: "\(error)")
        }
    }
}
