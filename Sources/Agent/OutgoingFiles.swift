import API
import ControlCore
import HostIO
import Ports
import RPC
import Synchronization
import Wire
import Zstd

/// The files of an instance on their way to another agent: compressed where that was asked for, and as fast as moves may
/// send; belongs to one task.
final class OutgoingFiles: Sendable {
    private let replies: MessageSink<Chunk>
    private let uplink: Uplink
    private let clock: SystemClock
    private let bucket = Mutex(TokenBucket())
    private let compressor: ZstdWriter?

    init(
        to replies: MessageSink<Chunk>, over uplink: Uplink, _ clock: SystemClock,
        isCompressed: Bool
    ) throws(DriverFailure) {
        do throws(ZstdFailure) { compressor = isCompressed ? try ZstdWriter() : nil } catch {
            throw DriverFailure(sending: error)
        }
        self.replies = replies
        self.uplink = uplink
        self.clock = clock
    }

    func append(_ bytes: [UInt8]) async throws(DriverFailure) {
        guard let compressor else { return try await send(bytes) }
        let made: [UInt8]
        do throws(ZstdFailure) { made = try await compressor.append(bytes) } catch {
            throw DriverFailure(sending: error)
        }
        if !made.isEmpty { try await send(made) }
    }

    /// Sends what is still held back; nothing may be added afterwards.
    func finish() async throws(DriverFailure) {
        guard let compressor else { return }
        let rest: [UInt8]
        do throws(ZstdFailure) { rest = try await compressor.finish() } catch {
            throw DriverFailure(sending: error)
        }
        try await send(rest)
    }

    private func send(_ bytes: [UInt8]) async throws(DriverFailure) {
        let wait = bucket.withLock { [clock, uplink] in
            $0.take(bytes.count, at: clock.now, rate: uplink.share)
        }
        do { try await Task.sleep(for: wait) } catch {
            throw DriverFailure(.unavailable, "the files are not wanted any more")
        }
        do throws(RPCStatus) {
            try await replies.send(Chunk(bytes: bytes, isZstd: compressor != nil))
        } catch {
            throw DriverFailure(
                .unavailable, "the files do not get through to the other host",
                cause: error.message)
        }
    }
}

extension DriverFailure {
    fileprivate init(sending failure: ZstdFailure) {
        self.init(.exhausted, "the files cannot be compressed", cause: "\(failure)")
    }
}
