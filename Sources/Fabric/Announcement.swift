import ClusterModel

/// Frames that say where an address is: every switch on their way learns it from their sender.
struct Announcement: Hashable, Sendable {
    let address: IPv4Address

    /// A gratuitous request, as a host makes it for its own address, and one of the reverse protocol, as a
    /// hypervisor makes it for a guest; both, because switches and guests differ in what they look at.
    ///
    /// - Source: RFC 5227, section 3 (ARP announcement); RFC 903 (RARP, operation 3).
    var frames: [[UInt8]] {
        [
            frame(
                protocol: 0x0806, operation: 1, sender: address.octets, target: [0, 0, 0, 0, 0, 0]),
            frame(protocol: 0x8035, operation: 3, sender: [0, 0, 0, 0], target: hardware),
        ]
    }

    private var hardware: [UInt8] { address.hardware.octets }

    private func frame(
        protocol type: UInt16, operation: UInt8, sender: [UInt8], target: [UInt8]
    ) -> [UInt8] {
        var frame = [UInt8](repeating: 0xff, count: 6) + hardware
        frame += [UInt8(type >> 8), UInt8(type & 0xff)]
        // Ethernet and IPv4, of six and four octets.
        frame += [0, 1, 8, 0, 6, 4, 0, operation]
        frame += hardware + sender + target + sender
        return frame + [UInt8](repeating: 0, count: 60 - frame.count)
    }
}

extension IPv4Address {
    fileprivate var octets: [UInt8] { [24, 16, 8, 0].map { UInt8(bits >> UInt32($0) & 0xff) } }
}

extension HardwareAddress {
    fileprivate var octets: [UInt8] {
        [40, 32, 24, 16, 8, 0].map { UInt8(bits >> UInt64($0) & 0xff) }
    }
}
