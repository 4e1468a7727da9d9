import ClusterModel
import Synchronization

/// Files of instances that other hosts are fetching: whatever is to be done with an instance comes before that.
final class OpenExports: Sendable {
    private struct Open: Sendable {
        var interruptions: [InstanceID: [UInt64: Interruption]] = [:]
        var last: UInt64 = 0
    }

    private let open = Mutex(Open())

    /// What `body` comes to; it is cancelled when something is to be done with `instance`, and waited for all the same.
    ///
    /// To be entered before it is looked up whether the instance may be fetched, so that nothing comes in between.
    func exporting<Value: Sendable>(
        _ instance: InstanceID, _ body: @escaping @Sendable () async -> Value
    ) async -> Value {
        let interruption = Interruption()
        let number = open.withLock { open in
            open.last += 1
            open.interruptions[instance, default: [:]][open.last] = interruption
            return open.last
        }
        defer {
            open.withLock { open in
                open.interruptions[instance]?[number] = nil
                if open.interruptions[instance]?.isEmpty == true {
                    open.interruptions[instance] = nil
                }
            }
        }
        return await interruption.guarding(body)
    }

    func end(of instance: InstanceID) {
        let interruptions = open.withLock { Array(($0.interruptions[instance] ?? [:]).values) }
        for interruption in interruptions { interruption.signal() }
    }
}
