package import ClusterModel

/// A transactional map from keys to bytes; a transaction that returned survives a power cut.
package protocol Store: Sendable {
    /// Everything whose key starts with `prefix`, in ascending order of keys.
    func entries(withPrefix prefix: String) async throws(StoreFailure) -> [StoreEntry]

    /// The revision of the last transaction.
    func revision() async throws(StoreFailure) -> Revision

    /// Makes all `changes` or none; returns the revision that they now carry.
    func transact(_ changes: [StoreChange]) async throws(StoreFailure) -> Revision

    /// Every change after `revision`, in order, until the task is cancelled.
    func changes(after revision: Revision) -> AsyncThrowingStream<StoreEntry, any Error>
}

/// One key with its bytes.
package struct StoreEntry: Hashable, Sendable {
    package let key: String
    /// `nil` in a change that removed the key.
    package let value: [UInt8]?
    /// Revision of the transaction that wrote it.
    package let revision: Revision

    package init(key: String, value: [UInt8]?, revision: Revision) {
        self.key = key
        self.value = value
        self.revision = revision
    }
}

/// One part of a transaction.
package enum StoreChange: Hashable, Sendable {
    case put(key: String, value: [UInt8])
    case delete(key: String)
}

/// Why the store did not do as it was asked.
package enum StoreFailure: Error, Hashable, Sendable {
    /// The disk is full or broken; nothing of the transaction was kept.
    case unavailable(String)
    /// The file is not a store of this version.
    case unusable(String)
}
