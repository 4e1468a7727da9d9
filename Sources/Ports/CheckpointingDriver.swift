package import ClusterModel

/// A driver that can write down a running instance and bring it back from that, connections included.
///
/// The files go from host to host by ``TransferringDriver``: after a checkpoint `export` hands it over with them,
/// `adopt` keeps it, and `start` of what was adopted goes on from it.
package protocol CheckpointingDriver: TransferringDriver {
    /// Stops the instance and keeps all that it was, so that `start` of the same generation goes on from it here.
    func checkpoint(_ instance: InstanceID) async throws(DriverFailure)
}
