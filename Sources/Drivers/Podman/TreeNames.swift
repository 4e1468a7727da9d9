import HostIO
import Ports

/// All that is in a volume, by its path and kind: what goes before a second pass, so that its target removes what is gone.
struct TreeNames: Hashable, Sendable {
    private(set) var kinds: [[UInt8]: TreeEntry.Kind] = [:]
    /// About what they take of the agent's memory.
    private(set) var bytesInMind = 0

    /// What a path takes besides its bytes.
    static let overhead = 100

    init() {}

    mutating func note(_ path: [UInt8], _ kind: TreeEntry.Kind) {
        kinds[path] = kind
        bytesInMind += path.count + Self.overhead
    }

    /// Whether a volume with these goes in one pass.
    var areTooMany: Bool { bytesInMind >= TreePass.mostBytes }

    /// A byte for the kind, the path and a zero byte for each.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for (path, kind) in kinds { bytes += [kind.rawValue] + path + [0] }
        return bytes
    }

    init(
        _ reader: inout TransferReader,
        from source: @Sendable () async throws(DriverFailure) -> [UInt8]?
    ) async throws(DriverFailure) {
        let bytes = try await reader.content(source, most: 2 * TreePass.mostBytes)
        guard bytes.last ?? 0 == 0 else { throw TransferReader.broken("half a name") }
        for name in bytes.split(separator: 0) {
            guard let first = name.first, let kind = TreeEntry.Kind(rawValue: first) else {
                throw TransferReader.broken("a name of no kind")
            }
            kinds[Array(name.dropFirst())] = kind
        }
    }
}
