import ClusterModel
package import ControlCore

extension MoveOrderNote {
    /// The order with what its sender adds.
    package var sealed: MoveOrderNote {
        guard move.isStreamed else { return self }
        return MoveOrderNote(
            move: move, role: role, phase: phase, undo: undo, assigned: assigned,
            sourceAddress: sourceAddress, endpoint: endpoint,
            credentials: MoveCredentials(
                authority: "", certificate: "", key: "", name: "\(move.id)"),
            bandwidth: bandwidth, compression: compression, streams: streams,
            takesPostcopy: takesPostcopy, source: source)
    }
}
