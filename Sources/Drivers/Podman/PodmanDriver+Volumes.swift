package import ClusterModel
package import Ports

extension PodmanDriver: VolumeDriver {
    package func remove(
        _ instance: InstanceID, with volumes: [String]
    ) async throws(DriverFailure) {
        try await remove(instance)
        for volume in volumes { try await self.volumes(of: instance).remove(volume) }
    }

    func volumes(of instance: InstanceID) -> PodmanVolumes {
        PodmanVolumes(api: api, names: names, instance: instance)
    }
}
