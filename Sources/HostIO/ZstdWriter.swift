import Synchronization
package import Zstd

/// Compresses what it is given into one zstd frame, off the tasks' own threads: it keeps a processor busy for milliseconds.
package final class ZstdWriter: Sendable {
    private let compressor: Mutex<ZstdCompressor>

    package init() throws(ZstdFailure) { compressor = Mutex(try ZstdCompressor()) }

    /// What is to be sent next, after `bytes` were added; often nothing.
    package func append(_ bytes: [UInt8]) async throws(ZstdFailure) -> [UInt8] {
        try await SlowCalls.run { [self] () throws(ZstdFailure) in
            try compressor.withLock { (state) throws(ZstdFailure) in try state.append(bytes) }
        }
    }

    /// The rest of the frame; nothing may be added afterwards.
    package func finish() async throws(ZstdFailure) -> [UInt8] {
        try await SlowCalls.run { [self] () throws(ZstdFailure) in
            try compressor.withLock { (state) throws(ZstdFailure) in try state.finish() }
        }
    }
}
