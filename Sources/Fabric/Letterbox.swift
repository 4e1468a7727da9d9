import ClusterModel
import Glibc
import Ports
import Synchronization

/// Takes the frames that come for an address while nobody is there to answer, for whoever will be.
///
/// The kernel keeps them in a socket's buffer; this only says which. A peer that hears nothing waits longer after each
/// try, so an instance that was away for half a second would be missed for more than one: what it was sent meanwhile
/// has to be there when it comes.
///
/// - Source: RFC 6298, section 5.5: a sender doubles its time between tries.
final class Letterbox: Sendable {
    /// Whether a frame with its header, from the device of this number, would have been let through there: these are taken
    /// before the rules see them.
    typealias Admission = (_ device: UInt32, _ frame: [UInt8]) -> Bool

    private let descriptor: Int32
    /// Whose frames never cross the overlay.
    let gateway: HardwareAddress?
    /// What came while the instance may still have heard it where it was; `nil` while that lasts.
    private let earlier = Mutex<[[UInt8]]?>(nil)

    /// Most frames of before that are kept: what a peer says again and again is little.
    private static let mostEarlier = 64

    /// Most bytes that wait, the kernel's own overhead included.
    private static let size: Int32 = 1 << 20
    /// Longest frame with its header: what a network card has put together counts as one.
    private static let longest = 10 + 65_535 + 14

    /// Opens it in the network namespace of the calling thread, for all devices.
    init(for address: IPv4Address, gateway: HardwareAddress?) throws(NetworkFailure) {
        self.gateway = gateway
        // With protocol 0 nothing comes before it is bound.
        descriptor = socket(AF_PACKET, PacketSocket.kind | Self.flags, 0)
        guard descriptor >= 0 else { throw Self.failure() }
        do throws(NetworkFailure) {
            try set(SOL_SOCKET, Option.size, Self.size)
            try set(PacketSocket.level, PacketSocket.offloads, 1)
            try set(filter: Self.filter(for: address))
            try bind()
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// From now on the instance hears nothing where it was. Of what came before, only that is kept which may be heard
    /// twice: TCP knows what it has, and a question for an address is asked again and again anyway.
    func settle(_ admits: Admission) {
        let frames = read(admits).filter(Self.mayBeHeardTwice)
        earlier.withLock { $0 = Array((($0 ?? []) + frames).suffix(Self.mostEarlier)) }
    }

    /// Everything that was kept, oldest first.
    func take(_ admits: Admission) -> [[UInt8]] {
        let frames = read(admits)
        return earlier.withLock { $0.map { $0 + frames } ?? frames.filter(Self.mayBeHeardTwice) }
    }

    private static func mayBeHeardTwice(_ frame: [UInt8]) -> Bool {
        // Source: linux/virtio_net.h (10 bytes), IEEE 802.3 (14 bytes), RFC 791 (protocol 6 at byte 9).
        guard frame.count >= 34 else { return false }
        let isQuestion = frame[22] == 0x08 && frame[23] == 0x06
        return isQuestion || (frame[22] == 0x08 && frame[23] == 0 && frame[33] == 6)
    }

    /// Everything that came to a port of the bridge and would have been let through there, each once; oldest first.
    ///
    /// With the header that says what the network card would still have done: checksums and segments.
    private func read(_ admits: Admission) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var buffer = [UInt8](repeating: 0, count: Self.longest)
        // Far more than the buffer holds: an error for one frame is no end.
        for _ in 0..<Self.size {
            var sender = [UInt8](repeating: 0, count: 20)
            var length = socklen_t(sender.count)
            let count = sender.withUnsafeMutableBytes { name -> Int in
                guard let name = name.baseAddress else { return -1 }
                return recvfrom(
                    descriptor, &buffer, buffer.count, 0,
                    name.assumingMemoryBound(to: sockaddr.self), &length)
            }
            if count < 0, errno == EAGAIN { break }
            // On its way a frame is seen at each device; where it comes to the bridge counts.
            guard count > 0, sender[10] != Self.outgoing else { continue }
            let index = sender[4..<8].withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
            let frame = Array(buffer[..<count])
            if admits(index, frame) { frames.append(frame) }
        }
        return frames
    }

    private func bind() throws(NetworkFailure) {
        let name = PacketSocket.name(device: 0, protocol: Self.everyProtocol)
        let result = name.withUnsafeBytes { bytes -> Int32 in
            guard let base = bytes.baseAddress else { return -1 }
            return Glibc.bind(
                descriptor, base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
        guard result == 0 else { throw Self.failure() }
    }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) throws(NetworkFailure) {
        var value = value
        guard setsockopt(descriptor, level, option, &value, 4) == 0 else { throw Self.failure() }
    }

    private func set(filter: [Instruction]) throws(NetworkFailure) {
        let result = filter.withUnsafeBytes { program -> Int32 in
            // Source: linux/filter.h, struct sock_fprog.
            var order: (count: UInt16, program: UnsafeRawPointer?) = (
                UInt16(filter.count), program.baseAddress
            )
            return setsockopt(
                descriptor, SOL_SOCKET, Option.filter, &order,
                socklen_t(MemoryLayout.size(ofValue: order)))
        }
        guard result == 0 else { throw Self.failure() }
    }

    /// One step of the kernel's packet filter.
    ///
    /// - Source: linux/filter.h, struct sock_filter.
    private struct Instruction {
        var code: UInt16
        var ifTrue: UInt8 = 0
        var ifFalse: UInt8 = 0
        var operand: UInt32
    }

    /// Lets through what is sent to the address's hardware address, and the question who has the address.
    private static func filter(for address: IPv4Address) -> [Instruction] {
        let word: UInt16 = 0x20
        let half: UInt16 = 0x28
        let isEqual: UInt16 = 0x15
        let end: UInt16 = 0x06
        let hardware = address.hardware.bits
        return [
            Instruction(code: word, operand: 0),
            Instruction(code: isEqual, ifFalse: 2, operand: UInt32(hardware >> 16)),
            Instruction(code: half, operand: 4),
            Instruction(code: isEqual, ifTrue: 4, operand: UInt32(hardware & 0xffff)),
            Instruction(code: half, operand: 12),
            Instruction(code: isEqual, ifFalse: 3, operand: 0x0806),
            Instruction(code: word, operand: 38),
            Instruction(code: isEqual, ifFalse: 1, operand: address.bits),
            Instruction(code: end, operand: UInt32(longest)),
            Instruction(code: end, operand: 0),
        ]
    }

    /// - Source: asm-generic/socket.h.
    private enum Option {
        static let size: Int32 = 33  // SO_RCVBUFFORCE
        static let filter: Int32 = 26  // SO_ATTACH_FILTER
    }
    private static let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    private static let outgoing: UInt8 = 4
    private static let everyProtocol: UInt16 = 3

    private static func failure() -> NetworkFailure {
        NetworkFailure(
            "what is sent to an instance on its way cannot be kept",
            cause: String(cString: strerror(errno)))
    }
}

/// The letterboxes of instances that are on their way to this host.
final class Letterboxes: Sendable {
    private let boxes = Mutex<[InstanceID: Letterbox]>([:])

    func put(_ box: Letterbox, for instance: InstanceID) { boxes.withLock { $0[instance] = box } }

    func box(of instance: InstanceID) -> Letterbox? { boxes.withLock { $0[instance] } }

    func take(of instance: InstanceID) -> Letterbox? {
        boxes.withLock { $0.removeValue(forKey: instance) }
    }
}
