import RPC

/// Watches the order of an engine's events: a call opens once, ends once, and says nothing thereafter.
struct CallJournal {
    private enum State { case open, halfClosed, over }

    private var calls: [CallID: State] = [:]

    /// Calls whose end has not been seen.
    var open: [CallID] { calls.filter { $0.value != .over }.map(\.key) }

    /// A client's call, which no event announces.
    mutating func began(_ id: CallID) {
        promise(calls[id] == nil, "a call was given an id for the second time")
        calls[id] = .open
    }

    /// We ended the call: the engine may not mention it any more.
    mutating func left(_ id: CallID) { calls[id] = .over }

    /// Checks the next event.
    mutating func note(_ event: CallEvent) {
        switch event {
        case .opened(let id, _): began(id)
        case .message(let id, let message):
            require(id, [.open], event)
            promise(
                message.cost >= MessageFraming.prefixBytes, "a message of \(message.cost) bytes")
        case .metadata(let id, _), .trailers(let id, _), .received(let id, _):
            require(id, [.open], event)
        case .halfClosed(let id):
            require(id, [.open], event)
            calls[id] = .halfClosed
        case .ended(let id, _):
            require(id, [.open, .halfClosed], event)
            calls[id] = .over
        case .drained(_, let count): promise(count > 0, "nothing drained")
        case .refused, .ready, .pong, .goingAway: break
        }
    }

    private func require(_ id: CallID, _ states: [State], _ event: CallEvent) {
        guard let state = calls[id], states.contains(state) else {
            broken("\(event) of a call that is \(calls[id].map { "\($0)" } ?? "none")")
        }
    }
}
