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

    /// Whether it was watching until now: not when it had been let go.
    @discardableResult
    func unwatch(_ id: Int) -> Bool {
        guard let watcher = watchers.removeValue(forKey: id) else { return false }
        watcher.finish()
        return true
    }

    func publish(_ note: Note) {
        for (id, watcher) in watchers {
            if case .dropped = watcher.yield(note) {
                watcher.finish()
                watchers[id] = nil
            }
        }
    }
}
