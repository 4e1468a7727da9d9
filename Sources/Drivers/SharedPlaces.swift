package import ClusterModel
import HostIO
package import Ports

/// Directories that hosts share are the operator's: they are looked at before every start, and nothing is made where
/// one is missing.
///
/// A place for a mount that was forgotten, or failed, is an empty directory of the host's own disk. An instance that
/// got it would begin with nothing, and what it writes would be hidden by the mount when that comes.
enum SharedPlaces {
    /// Fails with the reason where this host lacks what `workload` shares.
    static func require(by workload: Workload) async throws(DriverFailure) {
        for place in workload.storage.sharedPlaces {
            try await require(place.directory, of: place.name, needsLocks: place.needsLocks)
        }
    }

    private static func require(
        _ directory: String, of name: String, needsLocks: Bool
    ) async throws(DriverFailure) {
        let what = "\(directory), which \(name) shares"
        // The final dot asks for a directory.
        let place = try await look(at: what, "realpath", ["-ez", "--", directory + "/."])
        guard place.status.isSuccess else {
            throw DriverFailure(
                .unsupported, "this host has no directory \(what)",
                cause: "\(last(place.complaint)); mount it as on the other hosts")
        }
        let real = String(place.text.prefix { $0 != "\0" })
        // Its parts may be links, of somebody who may write where it is mounted.
        if let own = SharedDirectory.systemDirectory(at: real) {
            throw DriverFailure(
                .unsupported, "this host does not give \(what)",
                cause: "it leads to \(real), and \(own) is the host's own")
        }
        let point = try await mount(of: real, what)
        guard point.target != "/" else {
            throw DriverFailure(
                .unsupported, "nothing is mounted at \(what)",
                cause: "it is a directory of this host's own disk; mount it as on the other hosts")
        }
        if needsLocks, let option = point.localLocks {
            throw DriverFailure(
                .unsupported, "two hosts could open one disk at \(what)",
                cause: "it is mounted with \(option), so that no other host sees its locks")
        }
        // The looks before may be answered by what this host remembers; this one asks the server.
        let server = try await look(at: what, "stat", ["--file-system", "--format=%T", "--", real])
        guard server.status.isSuccess else {
            throw DriverFailure(
                .unavailable, "nothing answers at \(what)", cause: last(server.complaint))
        }
    }

    /// What is mounted where, as far as it matters here.
    struct Mount: Hashable, Sendable {
        let target: String
        private let options: [Substring]

        /// - Parameter line: of `findmnt --raw`, target and options.
        init?(_ line: Substring) {
            let fields = line.split(separator: " ", omittingEmptySubsequences: false)
            guard fields.count == 2 else { return nil }
            target = String(fields[0])
            options = fields[1].split(separator: ",")
        }

        /// The option by which locks of bytes stay on this host alone; `nil` where it has none such.
        /// - Source: nfs(5), `local_lock` and `nolock`; mount.cifs(8), `nobrl`; gfs2(5) and Linux's ocfs2.rst, `localflocks`.
        var localLocks: String? { options.first(where: Self.keepsLocks).map(String.init) }

        private static func keepsLocks(_ option: Substring) -> Bool {
            ["nolock", "local_lock=all", "local_lock=posix", "nobrl", "localflocks"].contains(
                option)
        }
    }

    private static func mount(
        of path: String, _ what: String
    ) async throws(DriverFailure) -> Mount {
        let arguments = ["--noheadings", "--raw", "--output", "TARGET,OPTIONS", "--target", path]
        let found = try await look(at: what, "findmnt", arguments)
        guard found.status.isSuccess,
            let mount = found.text.split(separator: "\n").first.flatMap({ Mount($0) })
        else {
            throw DriverFailure(
                .refused, "this host cannot say where \(what) is mounted", cause: found.complaint)
        }
        return mount
    }

    /// Runs a tool, which can be ended: a thread that waits for a file server that is away cannot.
    private static func look(
        at what: String, _ tool: String, _ arguments: [String]
    ) async throws(DriverFailure) -> Tool.Outcome {
        let outcome: Tool.Outcome
        do throws(ProcessFailure) {
            outcome = try await Tool.run(
                "/usr/bin/env", [tool] + arguments, within: DriverLimits.sharedLook)
        } catch {
            guard case .timedOut(_, let limit) = error else {
                throw DriverFailure(tool: error, doing: "look at \(what)")
            }
            throw DriverFailure(
                .unavailable, "nothing answers at \(what)",
                cause: "it was waited for \(limit); is its server there?")
        }
        // What `env` ends with where there is no such program.
        guard outcome.status != .exited(127) else {
            throw DriverFailure(
                .unsupported, "this host cannot look at \(what)", cause: "it has no \(tool)")
        }
        return outcome
    }

    /// What went wrong, without who said it of what.
    private static func last(_ complaint: String) -> String {
        complaint.split(separator: ":").last.map { String($0.drop { $0 == " " }) } ?? complaint
    }
}

extension PodmanDriver: SharingDriver {
    package func requireShared(by workload: Workload) async throws(DriverFailure) {
        try await SharedPlaces.require(by: workload)
    }
}

extension QEMUDriver: SharingDriver {
    package func requireShared(by workload: Workload) async throws(DriverFailure) {
        try await SharedPlaces.require(by: workload)
    }
}
