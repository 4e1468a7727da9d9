import Synchronization

/// What the trial guest has said, to be read after the trial was given up.
final class TrialOutput: Sendable {
    private let seen = Mutex<[UInt8]>([])

    func append(_ bytes: [UInt8]) { seen.withLock { $0 += bytes.prefix(16) } }

    var text: String { String(decoding: seen.withLock { $0 }, as: UTF8.self) }
}
