package import ClusterModel
import Foundation
import GRDB
package import Ports
import Synchronization

/// A store in one SQLite file of this machine, for one coordinator.
///
/// Calls run one after another on the file's queue, in the order they came, and are not cancelled
/// half-way: a transaction that was begun is answered with what became of it.
package final class SQLiteStore: Store {
    /// Where the file is; its log stands beside it as `-wal`.
    package let path: String

    private let queue: DatabaseQueue
    private let limits: StoreLimits
    private let feed: ChangeFeed
    private let waiting = Atomic<Int>(0)
    /// Why the file is not touched any more; set on its queue after a commit of unknown outcome.
    private let fault = Mutex<StoreFailure?>(nil)

    /// Opens the store at `path`, or makes it.
    ///
    /// The directory must exist. Blocks for as long as SQLite needs to recover its log.
    package init(path: String, limits: StoreLimits = .standard) throws(StoreFailure) {
        self.path = path
        self.limits = limits
        let queue = try StoreFile.open(path: path, limits: limits)
        self.queue = queue
        do {
            let revision = try queue.inDatabase { try Self.revision(in: $0) }
            feed = ChangeFeed(startingAt: revision, limits: limits)
        } catch {
            throw StoreFile.failure(error, path: path)
        }
    }

    deinit { feed.close() }

    /// Everything whose key starts with `prefix`, in ascending order of the keys' UTF-8 bytes.
    package func entries(withPrefix prefix: String) async throws(StoreFailure) -> [StoreEntry] {
        try await perform { database in
            let bounds = Self.bounds(of: prefix)
            let statement: Statement
            if let upper = bounds.upper {
                statement = try database.cachedStatement(
                    sql: """
                        SELECT key, value, revision FROM entry
                        WHERE key >= ? AND key < ? ORDER BY key
                        """)
                try statement.setArguments([bounds.lower, upper])
            } else {
                statement = try database.cachedStatement(
                    sql: "SELECT key, value, revision FROM entry WHERE key >= ? ORDER BY key")
                try statement.setArguments([bounds.lower])
            }
            var entries: [StoreEntry] = []
            let rows = try Row.fetchCursor(statement)
            while let row = try rows.next() {
                let key: Data = row[0]
                let value: Data = row[1]
                let revision: Int64 = row[2]
                entries.append(
                    StoreEntry(
                        key: String(decoding: key, as: UTF8.self), value: Array(value),
                        revision: Revision(UInt64(bitPattern: revision))))
            }
            return entries
        }
    }

    /// The revision of the last transaction.
    package func revision() async throws(StoreFailure) -> Revision {
        try await perform { try Self.revision(in: $0) }
    }

    /// Makes all `changes`, in their order, or none; returns the revision that they now carry.
    ///
    /// No changes are no transaction: the present revision comes back. The removal of a key that is
    /// not there is no change and reaches no watcher.
    package func transact(_ changes: [StoreChange]) async throws(StoreFailure) -> Revision {
        try check(changes)
        return try await perform { [feed] database in
            guard !changes.isEmpty else { return try Self.revision(in: database) }
            var revision = Revision.zero
            var entries: [StoreEntry] = []
            try database.inTransaction(.immediate) {
                revision = try Self.revision(in: database).next
                entries = try Self.apply(changes, to: database, revision: revision)
                try Self.giveBackPages(of: database)
                return .commit
            }
            feed.publish(entries, revision: revision)
            return revision
        }
    }

    /// Every change after `revision`, in order, until the task is cancelled.
    ///
    /// Changes are kept in memory, a bounded number of them and only of this process's run. A
    /// reader that wants more gets a ``WatchInterruption``, which says where to go on.
    package func changes(after revision: Revision) -> AsyncThrowingStream<StoreEntry, any Error> {
        let watch = Watch(feed, after: revision)
        return AsyncThrowingStream { try await watch.next() }
    }

    /// Ends every watch and gives the file back; calls after it fail as unavailable.
    package func close() async throws(StoreFailure) {
        feed.close()
        try await perform { [self] _ in
            fault.withLock { $0 = .unavailable("\(path) was closed") }
        }
        do {
            // Blocks this thread for one copy of the log into the file; nothing can come before it
            // now.
            try queue.close()
        } catch {
            throw StoreFile.failure(error, path: path)
        }
    }
}

// MARK: - On the file's queue

extension SQLiteStore {
    /// Runs `body` on the file's queue when its turn comes, whether or not the task is cancelled.
    private func perform<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreFailure) -> Value {
        let ahead = waiting.add(1, ordering: .relaxed).oldValue
        defer { waiting.subtract(1, ordering: .relaxed) }
        guard ahead < limits.waiting else {
            throw .unavailable("\(ahead) calls wait for \(path) already")
        }
        let result: Result<Value, StoreFailure> = await withCheckedContinuation { continuation in
            queue.asyncWriteWithoutTransaction { [self] database in
                continuation.resume(returning: answer(of: body, on: database))
            }
        }
        return try result.get()
    }

    private func answer<Value: Sendable>(
        of body: @Sendable (Database) throws -> Value, on database: Database
    ) -> Result<Value, StoreFailure> {
        if let fault = fault.withLock({ $0 }) { return .failure(fault) }
        do {
            return .success(try body(database))
        } catch {
            let failure = StoreFile.failure(error, path: path)
            if Self.leavesDoubt(error) { fault.withLock { $0 = Self.final(failure) } }
            return .failure(failure)
        }
    }

    /// Whether the log on the disk may hold what SQLite reported as failed.
    ///
    /// After a failed sync nobody knows what the kernel kept, and asking again can wrongly succeed;
    /// only opening the file anew tells. A full disk is no such case: the commit mark is written
    /// last.
    /// - Source: Rebello et al., "Can applications recover from fsync failures?", USENIX ATC 2020.
    private static func leavesDoubt(_ error: any Error) -> Bool {
        guard let code = (error as? DatabaseError)?.resultCode else { return false }
        return code == .SQLITE_IOERR || code == .SQLITE_CORRUPT
    }

    private static func final(_ failure: StoreFailure) -> StoreFailure {
        switch failure {
        case .unavailable(let why): .unavailable("\(why); restart the coordinator")
        case .unusable: failure
        }
    }

    private static func revision(in database: Database) throws -> Revision {
        let statement = try database.cachedStatement(sql: "SELECT revision FROM meta")
        guard let number = try Int64.fetchOne(statement) else {
            throw StoreFailure.unusable("the store has no revision")
        }
        return Revision(UInt64(bitPattern: number))
    }

    /// Writes `changes`; returns those that changed something.
    private static func apply(
        _ changes: [StoreChange], to database: Database, revision: Revision
    ) throws -> [StoreEntry] {
        let put = try database.cachedStatement(
            sql: """
                INSERT INTO entry (key, value, revision) VALUES (?, ?, ?)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = excluded.revision
                """)
        let delete = try database.cachedStatement(sql: "DELETE FROM entry WHERE key = ?")
        let advance = try database.cachedStatement(sql: "UPDATE meta SET revision = ?")
        let number = Int64(bitPattern: revision.number)
        var entries: [StoreEntry] = []
        for change in changes {
            switch change {
            case .put(let key, let value):
                try put.execute(arguments: [Data(key.utf8), Data(value), number])
                entries.append(StoreEntry(key: key, value: value, revision: revision))
            case .delete(let key):
                try delete.execute(arguments: [Data(key.utf8)])
                guard database.changesCount > 0 else { continue }
                entries.append(StoreEntry(key: key, value: nil, revision: revision))
            }
        }
        try advance.execute(arguments: [number])
        return entries
    }

    /// Gives free pages back to the disk, a few in every transaction, so that none has to wait for
    /// it.
    ///
    /// A megabyte is kept: what is freed is soon needed again.
    private static func giveBackPages(of database: Database) throws {
        let count = try database.cachedStatement(sql: "PRAGMA freelist_count")
        guard let free = try Int.fetchOne(count), free > 256 else { return }
        try database.execute(sql: "PRAGMA incremental_vacuum(\(min(free - 256, 256)))")
    }

    /// The keys that start with `prefix`: from `lower` up to but not `upper`, bytewise.
    private static func bounds(of prefix: String) -> (lower: Data, upper: Data?) {
        let lower = Array(prefix.utf8)
        var upper = lower
        while let last = upper.popLast() {
            if last < .max { return (Data(lower), Data(upper + [last + 1])) }
        }
        return (Data(lower), nil)
    }

    private func check(_ changes: [StoreChange]) throws(StoreFailure) {
        guard changes.count <= limits.changes else {
            throw .unavailable(
                "\(changes.count) changes in a transaction, at most \(limits.changes)")
        }
        var total = 0
        for change in changes {
            let (key, size) =
                switch change {
                case .put(let key, let value): (key, value.count)
                case .delete(let key): (key, 0)
                }
            guard key.utf8.count <= limits.keyBytes else {
                throw .unavailable("a key of \(key.utf8.count) bytes, at most \(limits.keyBytes)")
            }
            guard size <= limits.valueBytes else {
                throw .unavailable("\(key) has \(size) bytes, at most \(limits.valueBytes)")
            }
            total += key.utf8.count + size
        }
        guard total <= limits.transactionBytes else {
            throw .unavailable(
                "\(total) bytes in a transaction, at most \(limits.transactionBytes)")
        }
    }
}
