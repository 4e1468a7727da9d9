import ClusterModel
import ControlCore
import HostIO
import Wire

/// What the agent holds, in one small file an instance, so that it survives the agent and the host's power.
struct HoldingBook: Sendable {
    private let directory: String

    init(directory: String) throws(FileFailure) {
        self.directory = directory
        try HostFile.makeDirectory("\(directory)/holdings")
    }

    /// Everything held when the agent last ran; a file that cannot be read is left where it is and named.
    func load() throws(FileFailure) -> (holdings: [Holding], unreadable: [String]) {
        var holdings: [Holding] = []
        var unreadable: [String] = []
        for name in try HostFile.names(in: "\(directory)/holdings") where !name.hasSuffix(".new") {
            if let holding = Holding(stored: try HostFile.read(path(InstanceID(name)))) {
                holdings.append(holding)
            } else {
                unreadable.append(name)
            }
        }
        return (holdings, unreadable)
    }

    func keep(_ holding: Holding) throws(FileFailure) {
        try HostFile.replace(path(holding.id), with: holding.stored)
    }

    func drop(_ instance: InstanceID) throws(FileFailure) { try HostFile.remove(path(instance)) }

    // MARK: - The boot and the lease

    /// Whether the host booted since the agent last ran.
    func hasRebooted(_ bootID: String) throws(FileFailure) -> Bool {
        let path = "\(directory)/boot"
        return HostFile.exists(path) ? try HostFile.text(path) != bootID : false
    }

    /// Notes the present boot; what a reboot holds back has to be kept before, or the next agent would take it for
    /// confirmed.
    func noteBoot(_ bootID: String) throws(FileFailure) {
        try HostFile.replace("\(directory)/boot", with: Array(bootID.utf8))
    }

    /// When the coordinator was last heard, by whichever agent ran then.
    func heardAt() -> Instant? {
        guard let text = try? HostFile.text("\(directory)/heard") else { return nil }
        return Int64(text).map { Instant(milliseconds: $0) }
    }

    /// Notes that the coordinator was heard; losing the note to a power cut does no harm, for then nothing runs.
    func noteHeard(_ moment: Instant) throws(FileFailure) {
        let path = "\(directory)/heard"
        if HostFile.exists(path) {
            try HostFile.write("\(moment.milliseconds)", into: path)
        } else {
            try HostFile.replace(path, with: Array("\(moment.milliseconds)".utf8))
        }
    }

    private func path(_ instance: InstanceID) -> String { "\(directory)/holdings/\(instance)" }
}

extension Holding {
    /// One line of the agent's own facts, then the assignment as it came.
    fileprivate var stored: [UInt8] { Array("\(line)\n".utf8) + assigned.wire.encoded() }

    fileprivate init?(stored: [UInt8]) {
        guard let end = stored.firstIndex(of: UInt8(ascii: "\n")),
            let assignment = try? Assignment(decoding: Array(stored[(end + 1)...]))
        else { return nil }
        self.init(
            line: String(decoding: stored[..<end], as: UTF8.self), assigned: Assigned(assignment))
    }
}
