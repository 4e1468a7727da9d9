import ClusterModel
import Ports

/// The disk that tells a cloud image who it is at its first boot.
///
/// - Source: cloud-init, reference/datasources/nocloud: a file system labelled `cidata` with
///   `meta-data`, `user-data` and `network-config`.
struct NoCloudSeed: Hashable, Sendable {
    let instance: InstanceID
    let userData: String
    let network: NetworkAttachment

    /// The instance's name is its id: it stays over restarts and moves, so a guest sets itself up
    /// once.
    var image: [UInt8] {
        let metaData = "instance-id: \(instance.rawValue)\nlocal-hostname: \(instance.rawValue)\n"
        var files = [
            ISOImage.File(name: "meta-data", content: Array(metaData.utf8)),
            ISOImage.File(name: "user-data", content: Array(userData.utf8)),
        ]
        if case .tap(_, let identity) = network {
            let text = Self.networkConfig(identity)
            files.append(ISOImage.File(name: "network-config", content: Array(text.utf8)))
        }
        return ISOImage(label: "cidata", files: files).bytes
    }

    /// The one card with its one address. The route is written out: readers older than netplan
    /// 0.103 do not know `default`.
    /// - Source: cloud-init, reference/network-config-format-v2.
    private static func networkConfig(_ identity: NetworkIdentity) -> String {
        """
        version: 2
        ethernets:
          eth0:
            match:
              macaddress: "\(identity.address.hardware)"
            set-name: eth0
            addresses:
              - \(identity.address)/\(identity.network.prefix)
            routes:
              - to: 0.0.0.0/0
                via: \(identity.network.gateway)
            mtu: \(identity.largestPacket)

        """
    }
}
