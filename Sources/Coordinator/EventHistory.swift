import ClusterModel
import Ports
import RPC
import Wire

/// The events that were stored.
struct EventHistory: Sendable {
    let store: any Store

    /// The newest `count`, oldest first; zero means none.
    func last(_ count: Int) async throws(RPCStatus) -> [Occurrence] {
        guard count > 0 else { return [] }
        let entries: [StoreEntry]
        do throws(StoreFailure) {
            entries = try await store.entries(withPrefix: RecordKeys.eventPrefix)
        } catch {
            throw RPCStatus(.unavailable, "the store does not answer: \(error)")
        }
        do throws(WireFault) {
            var occurrences: [Occurrence] = []
            for entry in entries.suffix(count) {
                if let value = entry.value { occurrences.append(try Occurrence(decoding: value)) }
            }
            return occurrences
        } catch {
            throw RPCStatus(.dataLoss, "a stored event cannot be read: \(error)")
        }
    }
}
