import Ports

/// The stream in which a driver hands over an instance's files: named entries of any length, one
/// after another.
///
/// A frame is one byte of kind, four of length (big-endian) and as many bytes. The stream starts
/// with a frame that names its version, so that a driver of another version refuses it, and ends
/// with one that says so: a stream that was cut short is never taken for a whole one.
enum TransferFrame: Hashable, Sendable {
    case version(String)
    case entry(String)
    case data([UInt8])
    case endOfEntry
    case end

    static let current = "huddle-transfer 1"

    /// Most bytes of one frame; what is larger is cut when written and refused when read.
    static let limit = 1 << 20

    fileprivate var kind: UInt8 {
        switch self {
        case .version: 0
        case .entry: 1
        case .data: 2
        case .endOfEntry: 3
        case .end: 4
        }
    }

    fileprivate var payload: [UInt8] {
        switch self {
        case .version(let text), .entry(let text): Array(text.utf8)
        case .data(let bytes): bytes
        case .endOfEntry, .end: []
        }
    }

    fileprivate init?(kind: UInt8, payload: [UInt8]) {
        switch kind {
        case 0: self = .version(String(decoding: payload, as: UTF8.self))
        case 1: self = .entry(String(decoding: payload, as: UTF8.self))
        case 2: self = .data(payload)
        case 3: self = .endOfEntry
        case 4: self = .end
        default: return nil
        }
    }

    var bytes: [UInt8] {
        let payload = payload
        let length = UInt32(payload.count)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(5 + payload.count)
        bytes.append(kind)
        for shift: UInt32 in [24, 16, 8, 0] {
            bytes.append(UInt8(truncatingIfNeeded: length >> shift))
        }
        bytes += payload
        return bytes
    }
}

/// Reads frames from pieces that are cut anywhere.
struct TransferReader {
    private var pending: [UInt8] = []
    /// What of `pending` has been read: a whole memory comes this way, and is not to be moved about once a frame.
    private var start = 0

    /// Where the pieces come from; handed to every call, as it may not outlive the driver's own.
    typealias Source = @Sendable () async throws(DriverFailure) -> [UInt8]?

    mutating func next(_ source: Source) async throws(DriverFailure) -> TransferFrame {
        let head = try await take(5, source)
        let length = head[1...].reduce(0) { $0 << 8 | Int($1) }
        guard length <= TransferFrame.limit else { throw Self.broken("a frame of \(length) bytes") }
        guard let frame = TransferFrame(kind: head[0], payload: try await take(length, source))
        else {
            throw Self.broken("a frame of kind \(head[0])")
        }
        return frame
    }

    /// The next frame; `nil` where it is the end of the present entry.
    mutating func nextButEnd(_ source: Source) async throws(DriverFailure) -> TransferFrame? {
        let frame = try await next(source)
        return frame == .endOfEntry ? nil : frame
    }

    /// All that is left of the present entry; fails where that is more than `most` bytes.
    mutating func content(
        _ source: Source, most: Int
    ) async throws(DriverFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        while let frame = try await nextButEnd(source) {
            guard case .data(let more) = frame, bytes.count + more.count <= most else {
                throw Self.broken("a frame out of place")
            }
            bytes += more
        }
        return bytes
    }

    /// Reads the frame that names the version.
    mutating func open(_ source: Source) async throws(DriverFailure) {
        let first = try await next(source)
        guard first == .version(TransferFrame.current) else { throw Self.broken("\(first)") }
    }

    /// Fails unless the stream ends with its last frame: whether it came unchanged may be known only then.
    mutating func requireEnd(_ source: Source) async throws(DriverFailure) {
        guard start == pending.count, try await source() == nil else {
            throw Self.broken("more than it announced")
        }
    }

    static func broken(_ what: String) -> DriverFailure {
        DriverFailure(.refused, "what the other host sent cannot be understood", cause: what)
    }

    private mutating func take(_ count: Int, _ source: Source) async throws(DriverFailure)
        -> [UInt8]
    {
        while pending.count - start < count {
            guard let bytes = try await source() else {
                throw Self.broken("it ended in the middle")
            }
            if start == pending.count {
                (pending, start) = (bytes, 0)
            } else {
                pending.removeFirst(start)
                start = 0
                pending += bytes
            }
        }
        defer { start += count }
        return Array(pending[start..<(start + count)])
    }
}

extension TransferFrame {
    /// Writes content of any length as frames.
    static func write(
        data: [UInt8], into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        guard data.count > limit else {
            return data.isEmpty ? () : try await sink(TransferFrame.data(data).bytes)
        }
        var rest = data[...]
        while !rest.isEmpty {
            try await sink(TransferFrame.data(Array(rest.prefix(limit))).bytes)
            rest = rest.dropFirst(limit)
        }
    }
}
