import HostIO
import Ports

/// What is known of a guest that may run here before all of its memory is there; outlives the agent, and QEMU.
struct PostcopyNote: Codable, Hashable, Sendable {
    /// At which port its memory is awaited.
    let port: UInt16
    private(set) var stage: Stage

    enum Stage: String, Codable, Sendable {
        /// Nobody saw it here.
        case awaited  // → here, whole, lost
        /// It ran: its disks are newer here than anywhere else, whatever becomes of it.
        case here  // → whole, lost
        /// All of its memory came.
        case whole
        /// A part of its memory did not come, and its QEMU is ended for it, or had ended before.
        case lost
    }

    init(port: UInt16) {
        self.port = port
        stage = .awaited
    }

    /// `nil` where the guest runs only once all of it is there.
    static func read(from directory: VMDirectory) throws(DriverFailure) -> PostcopyNote? {
        let content: [UInt8]
        do throws(FileFailure) { content = try HostFile.read(directory.arrival) } catch {
            if error.isMissing { return nil }
            throw DriverFailure(vm: error, doing: "read how \(directory.instance) arrives")
        }
        return try JSON.decode(PostcopyNote.self, from: content, of: directory.arrival)
    }

    func write(to directory: VMDirectory) throws(DriverFailure) {
        let content = try JSON.encode(self)
        do throws(FileFailure) {
            try HostFile.replace(directory.arrival, with: content, lasting: true)
        } catch {
            throw DriverFailure(vm: error, doing: "note how \(directory.instance) arrives")
        }
    }

    /// Notes what was seen, before anything is done with it.
    mutating func reach(_ next: Stage, in directory: VMDirectory) throws(DriverFailure) {
        guard stage != next, stage != .whole, stage != .lost else { return }
        stage = next
        try write(to: directory)
    }
}
