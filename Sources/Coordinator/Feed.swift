import ClusterModel
import ControlCore

/// Hands what happens to everybody who watches; a watcher that falls behind is let go.
actor Feed<Note: Sendable> {
    private var watchers: [Int: AsyncStream<Note>.Continuation] = [:]
    private var next = 0
    private let queued: Int

    /// - Parameter queued: notes that a watcher may be behind.
    init(queued: Int = CoordinatorLimits.queuedNotes) { self.queued = queued }

    /// What happens from now on; the stream ends when the watcher was too slow.
    func watch() -> (id: Int, notes: AsyncStream<Note>)? {
        guard watchers.count < CoordinatorLimits.watchers else { return nil }
        next += 1
        let (stream, continuation) = AsyncStream.makeStream(
            of: Note.self, bufferingPolicy: .bufferingOldest(queued))
        watchers[next] = continuation
        return (next, stream)
    }

    var isWatched: Bool { !watchers.isEmpty }

    func unwatch(_ id: Int) { watchers.removeValue(forKey: id)?.finish() }

    func publish(_ note: Note) {
        for (id, watcher) in watchers {
            if case .dropped = watcher.yield(note) {
                watcher.finish()
                watchers[id] = nil
            }
        }
    }
}
