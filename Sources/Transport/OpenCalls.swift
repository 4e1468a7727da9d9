import NIOCore
import RPC

/// The calls under way on one connection.
struct OpenCalls {
    struct Call {
        let pipe: CallPipe
        var deadline: Scheduled<Void>?
    }

    private var index = CallIndex()
    private var calls: [Call?] = []

    var isEmpty: Bool { index.count == 0 }

    var all: [Call] { calls.compactMap(\.self) }

    /// The pipe of a call; `nil` when it is over.
    func pipe(of id: CallID) -> CallPipe? {
        guard let slot = index.slot(of: id) else { return nil }
        return calls[slot]?.pipe
    }

    mutating func add(_ call: Call, as id: CallID) {
        let slot = index.insert(id)
        if slot == calls.count { calls.append(call) } else { calls[slot] = call }
    }

    mutating func remove(_ id: CallID) -> Call? {
        guard let slot = index.remove(id) else { return nil }
        return calls[slot].take()
    }
}
