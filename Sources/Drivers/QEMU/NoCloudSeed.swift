import ClusterModel

/// The disk that tells a cloud image who it is at its first boot.
///
/// - Source: cloud-init, reference/datasources/nocloud: a file system labelled `cidata` with
///   `meta-data` and `user-data`.
struct NoCloudSeed: Hashable, Sendable {
    let instance: InstanceID
    let userData: String

    /// The instance's name is its id: it stays over restarts and moves, so a guest sets itself up
    /// once.
    var image: [UInt8] {
        let metaData = "instance-id: \(instance.rawValue)\nlocal-hostname: \(instance.rawValue)\n"
        return ISOImage(
            label: "cidata",
            files: [
                ISOImage.File(name: "meta-data", content: Array(metaData.utf8)),
                ISOImage.File(name: "user-data", content: Array(userData.utf8)),
            ]
        ).bytes
    }
}
