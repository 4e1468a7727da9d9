import ClusterModel
import Ports
import Synchronization

/// One reader's place in the feed.
final class Watch: Sendable {
    private let feed: ChangeFeed
    private let place: Mutex<Place>

    private struct Place {
        /// Revision of the transaction that is being handed out.
        var revision: Revision
        /// What of it has not been handed out, last first.
        var pending: [StoreEntry] = []
        /// An error ended it; the stream itself would ask, and fail, again.
        var isOver = false
    }

    init(_ feed: ChangeFeed, after revision: Revision) {
        self.feed = feed
        place = Mutex(Place(revision: revision))
    }

    /// The next change; `nil` when the task was cancelled, and after an error.
    func next() async throws -> StoreEntry? {
        while !place.withLock({ $0.isOver }) {
            let (entry, revision) = place.withLock { ($0.pending.popLast(), $0.revision) }
            if let entry { return entry }
            do {
                guard let transaction = try await feed.next(after: revision) else { return nil }
                place.withLock {
                    $0.revision = transaction.revision
                    $0.pending = transaction.entries.reversed()
                }
            } catch {
                place.withLock { $0.isOver = true }
                throw error
            }
        }
        return nil
    }
}
