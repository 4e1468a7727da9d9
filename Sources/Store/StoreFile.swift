import ClusterModel
import Foundation
import GRDB
import Glibc
import Ports

/// The SQLite file: how it is made, opened, recognised and checked.
///
/// One connection holds the file exclusively, so the log's index lives in memory, no shared-memory
/// file exists, and a second coordinator is refused.
/// - Source: SQLite, "Write-Ahead Logging", section 8; "Pragma statements".
enum StoreFile {
    /// “Hudl” in ASCII, at a fixed place of the header, by which `file` and we know our own.
    static let applicationID: Int32 = 0x4875_646C
    /// Version of the tables.
    static let version: Int32 = 1
    static let pageBytes = 4_096
    /// Pages of log after which it is copied back into the file.
    static let checkpointPages = 1_000
    /// Size to which the log is cut back after a burst.
    static let logBytes = 16 << 20

    /// Opens or makes the store at `path`.
    static func open(path: String, limits: StoreLimits) throws(StoreFailure) -> DatabaseQueue {
        try restrict(path: path)
        var configuration = Configuration()
        configuration.label = "huddle.store"
        configuration.prepareDatabase { database in
            // First of all: the mode must be set before the log is touched.
            try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
            // Both take effect only while the file is empty; a foreign one must not be changed.
            if try Int.fetchOne(database, sql: "PRAGMA page_count") == 0 {
                try database.execute(sql: "PRAGMA page_size = \(pageBytes)")
                try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            }
        }
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.inDatabase { database in
                if try recognise(database, path: path) { try create(in: database) }
                try configure(database, limits: limits)
                try verify(database)
            }
            // The log and the file's name itself must survive a power cut too.
            try synchroniseDirectory(of: path)
            return queue
        } catch {
            throw failure(error, path: path)
        }
    }

    /// Makes the file, empty, for its owner only; takes others' rights away from one that exists.
    ///
    /// SQLite gives its log the file's mode. An existing file is never opened here: closing it
    /// again would drop this process's locks on it.
    /// - Source: fcntl(2), "record locks are automatically released when any file descriptor is
    ///   closed".
    private static func restrict(path: String) throws(StoreFailure) {
        let descriptor = Glibc.open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            Glibc.close(descriptor)
            return
        }
        guard errno == EEXIST else { throw .unavailable("\(path): \(errorText())") }
        guard chmod(path, 0o600) == 0 else { throw .unavailable("\(path): \(errorText())") }
    }

    /// Whether the file is new; a failure if it is not ours, or of a version we do not know.
    ///
    /// Holds the file exclusively while it looks, and has changed nothing when it refuses.
    private static func recognise(_ database: Database, path: String) throws -> Bool {
        var isNew = false
        try database.inTransaction(.exclusive) {
            let id = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
            let found = try Int32.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            isNew = id == 0 && found == 0 && tables == 0
            guard isNew || id == applicationID else {
                throw StoreFailure.unusable(
                    "\(path) is not a Huddle store: application \(id), version \(found); "
                        + "expected application \(applicationID), version \(version)")
            }
            guard isNew || found == version else {
                throw StoreFailure.unusable(
                    "\(path) is a store of version \(found), this Huddle reads version \(version)")
            }
            return .commit
        }
        return isNew
    }

    /// Makes the tables and, last in the same transaction, the marks that say they are there.
    private static func create(in database: Database) throws {
        try database.inTransaction(.exclusive) {
            try database.execute(
                sql: """
                    CREATE TABLE entry (
                        key BLOB NOT NULL PRIMARY KEY,
                        value BLOB NOT NULL,
                        revision INTEGER NOT NULL
                    ) STRICT;
                    CREATE TABLE meta (
                        id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
                        revision INTEGER NOT NULL
                    ) STRICT;
                    INSERT INTO meta (id, revision) VALUES (1, 0);
                    PRAGMA application_id = \(applicationID);
                    PRAGMA user_version = \(version);
                    """)
            return .commit
        }
    }

    private static func configure(_ database: Database, limits: StoreLimits) throws {
        try database.execute(sql: "PRAGMA synchronous = FULL")
        try database.execute(sql: "PRAGMA journal_mode = WAL")
        try database.execute(sql: "PRAGMA wal_autocheckpoint = \(checkpointPages)")
        try database.execute(sql: "PRAGMA journal_size_limit = \(logBytes)")
        let pages = limits.file.count / UInt64(pageBytes)
        try database.execute(sql: "PRAGMA max_page_count = \(pages)")
    }

    /// Reads back what durability hangs on: a pragma that does not take says nothing.
    private static func verify(_ database: Database) throws {
        let expected = [
            ("journal_mode", "wal"), ("synchronous", "2"), ("locking_mode", "exclusive"),
            ("auto_vacuum", "2"), ("page_size", "\(pageBytes)"),
        ]
        for (name, value) in expected {
            let found = try Row.fetchOne(database, sql: "PRAGMA \(name)")?[0] as DatabaseValue?
            let text = found.flatMap { String.fromDatabaseValue($0) }
            let number = found.flatMap { Int.fromDatabaseValue($0) }.map(String.init)
            guard text == value || number == value else {
                throw StoreFailure.unusable(
                    "SQLite's \(name) is \(text ?? number ?? "unset"), not \(value)")
            }
        }
    }

    private static func synchroniseDirectory(of path: String) throws(StoreFailure) {
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unavailable("\(directory): \(errorText())") }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .unavailable("\(directory): \(errorText())") }
    }

    private static func errorText() -> String { String(cString: strerror(errno)) }

    /// What SQLite said, in the port's two words.
    static func failure(_ error: any Error, path: String) -> StoreFailure {
        if let failure = error as? StoreFailure { return failure }
        guard let error = error as? DatabaseError else { return .unavailable("\(path): \(error)") }
        let text = error.message ?? "SQLite error \(error.resultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return .unavailable("\(path) is held by another process: one coordinator to a store")
        case .SQLITE_FULL:
            return .unavailable(
                "\(path): \(text): no room left on the disk, or the file at its limit")
        case .SQLITE_NOTADB:
            return .unusable("\(path) is not a Huddle store of version \(version): \(text)")
        case .SQLITE_CORRUPT:
            return .unusable("\(path) is damaged: \(text)")
        default:
            return .unavailable("\(path): \(text) (SQLite \(error.extendedResultCode.rawValue))")
        }
    }
}
