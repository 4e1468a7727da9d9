/// Why a command to QEMU did not succeed.
package enum QMPFailure: Error, Hashable, Sendable {
    /// QEMU is gone, does not answer, or does not speak QMP.
    case connection(SocketFailure)
    /// QEMU refused; its own class and words.
    case refused(class: String, description: String)
}

extension QMPFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .connection(let failure): "\(failure)"
        case .refused(let kind, let text): "\(kind): \(text)"
        }
    }
}

/// Something QEMU tells without being asked.
package struct QMPEvent: Hashable, Sendable {
    /// QEMU's name of it, such as `SHUTDOWN`.
    package let name: String
    /// The whole message as QEMU sent it, for those who need its data.
    package let line: [UInt8]
}
