import ClusterModel
import Synchronization

/// What was applied last, so that a change of one entry need not read all others.
final class Memory: Sendable {
    struct Content: Sendable {
        let map: NetworkMap
        /// What the map comes to at this host.
        let view: HostView
        /// The device that has the entries: one made anew by somebody has none of them.
        let overlayIndex: UInt32
    }

    private let content = Mutex<Content?>(nil)

    /// Hands it out; it is forgotten until `keep`, so that a failure in between leads to reading everything.
    func take() -> Content? {
        content.withLock { content in
            defer { content = nil }
            return content
        }
    }

    func keep(_ new: Content) { content.withLock { $0 = new } }

    func forget() { content.withLock { $0 = nil } }
}
