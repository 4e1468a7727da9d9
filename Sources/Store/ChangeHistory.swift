import ClusterModel
import Ports

/// The recent transactions in order, bounded in number and bytes; the oldest go first.
///
/// All watchers read this one history at their own pace, so a slow one costs nothing: it is told
/// when what it wants next is gone.
struct ChangeHistory {
    /// The last revision before the oldest transaction held.
    private(set) var base: Revision
    /// The last revision published.
    private(set) var latest: Revision
    private var transactions: [Transaction] = []
    /// Index of the oldest transaction held; what lies before it is dropped in bulk.
    private var start = 0
    private var entryCount = 0
    private var byteCount = 0
    private let entryLimit: Int
    private let byteLimit: Int

    struct Transaction {
        let revision: Revision
        let entries: [StoreEntry]
        let bytes: Int
    }

    init(startingAt revision: Revision, limits: StoreLimits) {
        base = revision
        latest = revision
        entryLimit = limits.history
        byteLimit = limits.historyBytes
    }

    mutating func append(_ entries: [StoreEntry], revision: Revision) {
        precondition(revision > latest, "revision \(revision.number) after \(latest.number)")
        latest = revision
        let bytes = entries.reduce(0) { $0 + $1.key.utf8.count + ($1.value?.count ?? 0) }
        transactions.append(Transaction(revision: revision, entries: entries, bytes: bytes))
        entryCount += max(1, entries.count)
        byteCount += bytes
        while entryCount > entryLimit || byteCount > byteLimit, start < transactions.count {
            let oldest = transactions[start]
            transactions[start] = Transaction(revision: oldest.revision, entries: [], bytes: 0)
            entryCount -= max(1, oldest.entries.count)
            byteCount -= oldest.bytes
            base = oldest.revision
            start += 1
        }
        // Halving the array at a time makes the copying constant per transaction.
        if start > 64, start * 2 > transactions.count {
            transactions.removeFirst(start)
            start = 0
        }
    }

    /// The first transaction after `revision`; `nil` if there is none yet.
    func next(after revision: Revision) throws(WatchInterruption) -> Transaction? {
        guard revision >= base else { throw .forgotten(after: revision, resumeAfter: latest) }
        guard revision <= latest else { throw .ahead(after: revision, resumeAfter: latest) }
        // Transactions are in ascending order of revisions.
        var low = start
        var high = transactions.count
        while low < high {
            let middle = (low + high) / 2
            if transactions[middle].revision > revision { high = middle } else { low = middle + 1 }
        }
        return low < transactions.count ? transactions[low] : nil
    }
}
