package import ClusterModel

/// An instance that came to this host by a move and runs here, while its source still has what it left.
package struct Arrival: Hashable, Sendable {
    package let move: Move
    /// Where the source's agent serves others; empty when it does not.
    package let sourceAddress: String
}

extension AgentEngine {
    /// The arrival that the order under way confirms; `nil` where no such order is.
    package func arrival(of id: InstanceID) -> Arrival? {
        guard let part = moves[id], part.progress == .working else { return nil }
        let order = part.order
        guard order.phase == .confirm, order.role == .target, !order.undo else { return nil }
        return Arrival(move: order.move, sourceAddress: order.sourceAddress)
    }
}
