import ClusterModel

/// Who a gathered frame says it is from.
struct FrameSender: Hashable, Sendable {
    let hardware: HardwareAddress
    /// `nil` where the frame is neither IPv4 nor ARP.
    let address: IPv4Address?

    /// - Source: linux/virtio_net.h (10 bytes before the frame), IEEE 802.3 (source at 6, type at 12), RFC 791 (source at
    ///   12), RFC 826 (sender's protocol address at 14).
    init?(_ frame: [UInt8]) {
        guard frame.count >= 24 else { return nil }
        hardware = HardwareAddress(bits: Self.number(frame[16..<22]))
        let start: Int
        switch (frame[22], frame[23]) {
        case (0x08, 0x00): start = 24 + 12
        case (0x08, 0x06): start = 24 + 14
        default:
            address = nil
            return
        }
        guard frame.count >= start + 4 else { return nil }
        address = IPv4Address(bits: UInt32(Self.number(frame[start..<start + 4])))
    }

    private static func number(_ octets: ArraySlice<UInt8>) -> UInt64 {
        octets.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
