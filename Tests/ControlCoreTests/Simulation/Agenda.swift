import ClusterModel
import ControlCore

/// What is going to happen in a simulated world.
enum Happening: Sendable {
    case coordinatorTicks(epoch: Int)
    case coordinatorStarts
    case planned(epoch: Int, PlanJob)
    case audited(epoch: Int, Plan, PlanJob)
    case sessionNoticedLost(epoch: Int, HostID, SessionID)
    case agentTicks(HostID, epoch: Int)
    case agentStarts(HostID)
    case powerReturns(HostID)
    case connects(HostID, epoch: Int)
    case arrivesAtCoordinator(HostID, link: Int, Upward)
    case arrivesAtAgent(HostID, link: Int, Instruction)
    case operationEnds(HostID, epoch: Int, number: Int)
    /// What is left of a guest under way reaches its target, or does not.
    case guestLands(InstanceID, from: HostID, flight: Int)
    case userActs
    case faultStrikes
    case networkHeals(HostID)
    case storeHeals
    case rejoins(HostID)
}

/// What an agent sends.
enum Upward: Sendable {
    case hello(AgentHello)
    case news(AgentNews)
}

/// Happenings in the order of their time; of two at the same moment the one planned first comes first.
struct Agenda: Sendable {
    private struct Entry: Sendable {
        let at: Int64
        let number: UInt64
        let happening: Happening

        func isBefore(_ other: Entry) -> Bool {
            at == other.at ? number < other.number : at < other.at
        }
    }

    private var heap: [Entry] = []
    private var lastNumber: UInt64 = 0

    mutating func add(_ happening: Happening, at moment: Int64) {
        lastNumber += 1
        heap.append(Entry(at: moment, number: lastNumber, happening: happening))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func next() -> (at: Int64, Happening)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return (first.at, first.happening) }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].isBefore(heap[least]) { least = child }
            }
            guard least != parent else { return (first.at, first.happening) }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
