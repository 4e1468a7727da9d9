import Synchronization

/// Why the server was refused; the judge runs on the network's thread and can only say yes or no.
final class Refusal: Sendable {
    private let noted = Mutex<String?>(nil)

    var reason: String? { noted.withLock { $0 } }

    func note(_ reason: String) { noted.withLock { $0 = reason } }
}
