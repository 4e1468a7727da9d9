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
        order(of: id, .confirm, .target).map {
            Arrival(move: $0.move, sourceAddress: $0.sourceAddress)
        }
    }

    /// The move that the order under way ends here, because the instance runs at its target; `nil` where no such order
    /// is.
    package func departure(of id: InstanceID) -> Move? { order(of: id, .release, .source)?.move }

    private func order(
        of id: InstanceID, _ phase: Move.Phase, _ role: MoveOrderNote.Role
    ) -> MoveOrderNote? {
        guard let part = moves[id], part.progress == .working, !part.order.undo,
            part.order.phase == phase, part.order.role == role
        else { return nil }
        return part.order
    }
}
