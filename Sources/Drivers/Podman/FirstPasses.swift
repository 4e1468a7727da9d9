import ClusterModel
import Ports
import Synchronization

/// What an agent knows of volumes and layers that go in two passes, as a source and as a target; nothing of it outlives the agent.
///
/// On purpose: what is known of a first pass means nothing after a power cut, which takes files of it, and costs no more than
/// one pass more after a new start.
final class FirstPasses: Sendable {
    private let state = Mutex(State())

    /// Whoever has a first pass of memory writes down what follows it within seconds. After that the move is another one, whose target
    /// does not have it, or most of it has changed.
    private static let patience = Duration.seconds(120)

    private struct State {
        /// The oldest first.
        var sent: [(instance: InstanceID, pass: Sent)] = []
        var come: [InstanceID: Come] = [:]
        /// Instances of which something is on its way here, or has come and was not started yet.
        var arriving: Set<InstanceID> = []
        /// Instances whose memory is on its way from here, and how often.
        var sending: [InstanceID: Int] = [:]
    }

    var arriving: [InstanceID] { state.withLock { Array($0.arriving) } }

    func expect(_ instance: InstanceID) {
        state.withLock { _ = $0.arriving.insert(instance) }
    }

    /// It has started with what came, or nothing is to come.
    func stopExpecting(_ instance: InstanceID) {
        state.withLock { _ = $0.arriving.remove(instance) }
    }

    /// Its memory is not to be swept away meanwhile, however long that takes.
    func sendingMemory<Outcome>(
        of instance: InstanceID, _ work: () async throws(DriverFailure) -> Outcome
    ) async throws(DriverFailure) -> Outcome {
        state.withLock { $0.sending[instance, default: 0] += 1 }
        defer {
            state.withLock { state in
                let left = (state.sending[instance] ?? 1) - 1
                state.sending[instance] = left > 0 ? left : nil
            }
        }
        return try await work()
    }

    func isSendingMemory(of instance: InstanceID) -> Bool {
        state.withLock { $0.sending[instance] != nil }
    }

    /// Whether its memory goes out, or has just gone and may be followed.
    func needsMemory(of instance: InstanceID) -> Bool {
        state.withLock { state in
            state.sending[instance] != nil
                || state.sent.contains {
                    $0.instance == instance && $0.pass.memory != nil
                        && ContinuousClock.now - $0.pass.since < Self.patience
                }
        }
    }

    /// A first pass that went from here.
    struct Sent: Hashable, Sendable {
        /// Tells it from every other: what is known here is of use only to who has just that.
        let name: String
        let volumes: [String: TreePass]
        /// `nil` where it went without the instance's layer.
        var layer: TreePass?
        /// Of what processes the memory went; `nil` where it did not.
        var memory: MemoryPass?
        /// Whether what has changed of that since can still be told from what has not.
        fileprivate var isMarked = true
        fileprivate let since = ContinuousClock.now

        init(
            name: String, volumes: [String: TreePass], layer: TreePass?, memory: MemoryPass?
        ) {
            self.name = name
            self.volumes = volumes
            self.layer = layer
            self.memory = memory
        }

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
        let memory: Memory

        /// What of its memory came.
        enum Memory: Hashable, Sendable {
            case none
            case kept
            /// There was no room for it.
            case refused
        }

        /// What its source is told that is here.
        var answer: String { memory == .refused ? name + Self.withoutMemory : name }

        /// After the name of a pass: its memory did not come along, and is to come with what follows.
        fileprivate static let withoutMemory = "-memory"
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

    /// What went of what the other host answers that it has; whatever went is forgotten, because what follows it follows once.
    func takeSent(_ answer: String?, of instance: InstanceID) -> Sent? {
        state.withLock { state in
            let sent = state.sent.first { $0.instance == instance }?.pass
            state.sent.removeAll { $0.instance == instance }
            guard var sent, let answer else { return nil }
            if answer == sent.name + Come.withoutMemory {
                sent.memory = nil
            } else if answer != sent.name {
                return nil
            }
            return sent
        }
    }

    /// The pass in which memory went of which it is still known what has changed since; it is not known any more after that.
    func takeMemory(of instance: InstanceID) -> (pass: String, memory: MemoryPass)? {
        state.withLock { state in
            guard let place = state.sent.firstIndex(where: { $0.instance == instance }),
                let memory = state.sent[place].pass.memory, state.sent[place].pass.isMarked,
                ContinuousClock.now - state.sent[place].pass.since < Self.patience
            else { return nil }
            state.sent[place].pass.isMarked = false
            return (state.sent[place].pass.name, memory)
        }
    }

    /// Its memory is about to be written down anew, and the marks go with that.
    func forgetMemory(of instance: InstanceID) {
        state.withLock { state in
            for place in state.sent.indices where state.sent[place].instance == instance {
                state.sent[place].pass.memory = nil
            }
        }
    }

    /// Something else is about to go, perhaps to another host.
    func forgetSent(_ instance: InstanceID) {
        state.withLock { $0.sent.removeAll { $0.instance == instance } }
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
