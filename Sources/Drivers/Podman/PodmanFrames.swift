import Ports

/// Splits a stream of framed output into chunks: one byte for the stream, three of zero, four of
/// length.
///
/// - Source: Docker Engine API, "Stream format"; Podman speaks the same.
struct PodmanFrames {
    private var pending: [UInt8] = []

    /// The chunks that `bytes` completes; a frame of an absurd length is a failure, not memory.
    mutating func append(_ bytes: [UInt8]) throws(DriverFailure) -> [LogChunk] {
        pending += bytes
        var chunks: [LogChunk] = []
        var start = 0
        while pending.count - start >= 8 {
            let length = pending[(start + 4)..<(start + 8)].reduce(0) { $0 << 8 | Int($1) }
            guard length <= DriverLimits.frame, pending[start] <= 3 else {
                throw DriverFailure(
                    .unavailable, "Podman sent output that cannot be understood",
                    cause: "frame of stream \(pending[start]) with \(length) bytes")
            }
            guard pending.count - start >= 8 + length else { break }
            let payload = Array(pending[(start + 8)..<(start + 8 + length)])
            if !payload.isEmpty {
                chunks.append(LogChunk(pending[start] >= 2 ? .error : .output, payload))
            }
            start += 8 + length
        }
        pending.removeFirst(start)
        return chunks
    }
}
