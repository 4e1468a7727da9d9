import Glibc

/// What the kernel's interface to whole frames asks for; Glibc's module leaves it out.
///
/// - Source: packet(7); linux/if_packet.h.
enum PacketSocket {
    /// SOL_PACKET.
    static let level: Int32 = 263
    /// PACKET_VNET_HDR: each frame begins with what the network card would still have to do.
    static let offloads: Int32 = 15
    static let kind = Int32(SOCK_RAW.rawValue)

    /// A `sockaddr_ll`: family, protocol in network order, number of the device (0: all), kind, type, length, address.
    static func name(device: UInt32, protocol: UInt16 = 0) -> [UInt8] {
        var name = [UInt8](repeating: 0, count: 20)
        name[0] = UInt8(AF_PACKET)
        withUnsafeBytes(of: `protocol`.bigEndian) { name.replaceSubrange(2..<4, with: $0) }
        withUnsafeBytes(of: device) { name.replaceSubrange(4..<8, with: $0) }
        return name
    }
}
