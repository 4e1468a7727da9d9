import ClusterModel
import HostIO
import Synchronization

/// Hands out the ports of a range in turn, so that moves that begin together try different ones.
///
/// QEMU is only told of one that is free: later ones than 7.2 can be asked once where to wait for its guest, and a port that
/// was taken has it refuse all others.
final class MovePorts: Sendable {
    private let range: ClosedRange<UInt16>
    private let next = Mutex<Int>(0)

    init(_ range: ClosedRange<UInt16>) { self.range = range }

    /// How many tries there are before every port was tried.
    var count: Int { range.count }

    /// The next that is free at `address`, at this moment; `nil` where none is.
    func take(at address: IPv4Address) -> UInt16? {
        for _ in 0..<count {
            let port = take()
            if PortProbe.canListen(at: address, port: port) { return port }
        }
        return nil
    }

    private func take() -> UInt16 {
        next.withLock { next in
            defer { next = (next + 1) % range.count }
            return range.lowerBound + UInt16(next)
        }
    }
}
