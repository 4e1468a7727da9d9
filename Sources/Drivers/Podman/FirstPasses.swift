import ClusterModel
import Synchronization

/// What an agent knows of volumes and layers that go in two passes, as a source and as a target; nothing of it outlives the agent.
///
/// On purpose: what is known of a first pass means nothing after a power cut, which takes files of it, and costs no more than
/// one pass more after a new start.
final class FirstPasses: Sendable {
    private let state = Mutex(State())

    private struct State {
        /// The oldest first.
        var sent: [(instance: InstanceID, pass: Sent)] = []
        var come: [InstanceID: Come] = [:]
        /// Instances of which something is on its way here, or has come and was not started yet.
        var arriving: Set<InstanceID> = []
    }

    var arriving: [InstanceID] { state.withLock { Array($0.arriving) } }

    func expect(_ instance: InstanceID) {
        state.withLock { _ = $0.arriving.insert(instance) }
    }

    /// It has started with what came, or nothing is to come.
    func stopExpecting(_ instance: InstanceID) {
        state.withLock { _ = $0.arriving.remove(instance) }
    }

    /// A first pass that went from here.
    struct Sent: Hashable, Sendable {
        /// Tells it from every other: what is known here is of use only to who has just that.
        let name: String
        let volumes: [String: TreePass]
        /// `nil` where it went without the instance's layer.
        var layer: TreePass?

        fileprivate var bytes: Int {
            volumes.values.reduce(layer?.bytes ?? 0) { $0 + $1.bytes }
        }
    }

    /// A first pass that came here.
    struct Come: Hashable, Sendable {
        let name: String
        let move: MoveID
        let volumes: Set<String>
        let hasLayer: Bool
    }

    /// Notes it, and forgets what went before all of it takes too much memory: a source is not told of a move that is undone
    /// before it has stopped anything.
    func note(_ sent: Sent, of instance: InstanceID) {
        state.withLock { state in
            state.sent.removeAll { $0.instance == instance }
            var sent = sent
            // The volumes have the more to gain.
            if sent.bytes > TreePass.mostBytes { sent.layer = nil }
            state.sent.append((instance, sent))
            while state.sent.reduce(0, { $0 + $1.pass.bytes }) > TreePass.mostBytes {
                state.sent.removeFirst()
            }
        }
    }

    /// What went in the pass of that name; whatever went is forgotten, because what follows it follows once.
    func takeSent(_ name: String?, of instance: InstanceID) -> Sent? {
        state.withLock { state in
            let sent = state.sent.first { $0.instance == instance }?.pass
            state.sent.removeAll { $0.instance == instance }
            return sent?.name == name ? sent : nil
        }
    }

    func note(_ come: Come, of instance: InstanceID) {
        state.withLock { $0.come[instance] = come }
    }

    func come(of instance: InstanceID, in move: MoveID) -> Come? {
        state.withLock { state in state.come[instance].flatMap { $0.move == move ? $0 : nil } }
    }

    /// What came; it is forgotten, because what comes now changes it.
    func takeCome(of instance: InstanceID) -> Come? {
        state.withLock { $0.come.removeValue(forKey: instance) }
    }

    func forget(_ instance: InstanceID) {
        state.withLock { state in
            state.sent.removeAll { $0.instance == instance }
            state.come[instance] = nil
            state.arriving.remove(instance)
        }
    }
}
