import ClusterModel
import HostIO

/// Where everything of one VM lies.
///
/// The directory itself is root's; what QEMU writes lies in `run`, which is the VM's user's. So a
/// QEMU that was taken over cannot change the record from which the agent knows what it is.
struct VMDirectory: Hashable, Sendable {
    let path: String
    let instance: InstanceID

    init(_ instance: InstanceID, in parent: String) {
        self.instance = instance
        path = parent + "/" + instance.rawValue
    }

    var record: String { path + "/record.json" }
    /// QEMU's own words, appended at every start.
    var complaints: String { path + "/qemu.log" }

    /// The VM's user's own directory.
    var run: String { path + "/run" }
    var overlay: String { run + "/overlay.qcow2" }
    var seed: String { run + "/seed.iso" }
    var monitor: String { run + "/qmp.sock" }
    var console: String { run + "/console.sock" }
    var log: String { run + "/console.log" }
    /// What the log held before it was cut.
    var olderLog: String { path + "/console.log.1" }

    /// What the VM wrote on other hosts.
    var history: String { path + "/history.log" }

    /// What a move's QEMU proves itself with, while the move is under way.
    var credentials: String { path + "/move" }

    /// Where the move under way goes to.
    var destination: String { path + "/destination" }

    /// How a guest arrives that may run before all of its memory is there (`PostcopyNote`); no such file for any other.
    var arrival: String { path + "/arrival" }

    func disk(_ index: Int) -> String { run + "/disk\(index).qcow2" }

    var process: DetachedProcess {
        DetachedProcess(identityFile: path + "/process", exitFile: path + "/exit")
    }

    /// A Unix socket's path has 107 bytes at most.
    /// - Source: unix(7).
    var fitsSockets: Bool { console.utf8.count <= 107 }

    /// Removes everything, the record last: what is left after a crash is still known to be a VM's.
    ///
    /// The room of its disks comes free a moment later: whoever moves a VM need not wait for that.
    func remove() async throws(FileFailure) {
        try await HostFile.eraseNames(run)
        for name in try HostFile.names(in: path) where path + "/" + name != record {
            try await HostFile.erase(path + "/" + name)
        }
        try await HostFile.erase(path)
    }
}
