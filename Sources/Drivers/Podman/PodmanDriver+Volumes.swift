package import Ports

extension PodmanDriver: VolumeDriver {
    package func removeVolumes(_ volumes: [String]) async throws(DriverFailure) {
        for volume in volumes { try await removeVolume(volume) }
    }
}
