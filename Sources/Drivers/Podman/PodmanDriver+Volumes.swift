package import ClusterModel
package import Ports

extension PodmanDriver: VolumeDriver {
    package func removeVolumes(
        _ volumes: [String], of instance: InstanceID
    ) async throws(DriverFailure) {
        for volume in volumes { try await removeVolume(volume) }
    }
}
