/// A process that nobody here is the parent of: it outlives whoever started it.
///
/// A small shell stands between: it puts itself into the process's control group, starts the
/// program in a session of its own as its own user, notes who that is, waits for it and notes its
/// exit code. It is adopted by init at once, holds no descriptor of ours, and costs some 1 MiB.
package struct DetachedProcess: Hashable, Sendable {
    /// Where the shell notes number, start and boot of the program.
    package let identityFile: String
    /// Where the shell notes the exit code; missing while the program runs, or when the shell was
    /// killed too.
    package let exitFile: String

    package init(identityFile: String, exitFile: String) {
        self.identityFile = identityFile
        self.exitFile = exitFile
    }

    /// What to start, and with which rights.
    package struct Program: Hashable, Sendable {
        package let path: String
        package let arguments: [String]
        /// User of the process; it can never be another one again.
        package let user: UInt32
        /// Its first group, which is the only one that some file servers look at.
        package let group: UInt32
        /// Further groups, such as the one that may open a device.
        package let groups: [UInt32]
        /// Whether it may listen on ports below 1024; it has no other privilege.
        package let bindsLowPorts: Bool
        /// Where its output and errors are appended.
        package let output: String

        package init(
            path: String, arguments: [String], user: UInt32, group: UInt32? = nil,
            groups: [UInt32] = [], bindsLowPorts: Bool = false, output: String
        ) {
            self.path = path
            self.arguments = arguments
            self.user = user
            self.group = group ?? user
            self.groups = groups
            self.bindsLowPorts = bindsLowPorts
            self.output = output
        }

        /// The command that gives up every privilege and becomes the program.
        package var unprivileged: [String] {
            let capabilities = bindsLowPorts ? "-all,+net_bind_service" : "-all"
            let membership =
                groups.isEmpty
                ? "--clear-groups" : "--groups=" + groups.map(String.init).joined(separator: ",")
            return [
                "setpriv", "--reuid=\(user)", "--regid=\(group)", membership, "--no-new-privs",
                "--inh-caps=\(capabilities)", "--ambient-caps=\(capabilities)",
                "--bounding-set=\(capabilities)",
                path,
            ] + arguments
        }
    }

    /// Starts `program` in `group`; returns once it is noted who it is.
    package func start(
        _ program: Program, in group: ControlGroup
    ) async throws(ProcessFailure) -> ProcessIdentity {
        let outcome = try await Tool.run(
            "/bin/sh",
            ["-c", Self.script, "huddle-wait", identityFile, exitFile, program.output]
                + group.membershipFiles + ["--", "setsid"] + program.unprivileged)
        guard outcome.status.isSuccess, let identity = ProcessIdentity(noted: outcome.text) else {
            let reason = outcome.complaint.isEmpty ? "it ended at once" : outcome.complaint
            throw .broken(program.path, .closed(reason))
        }
        return identity
    }

    /// Who it is or was; `nil` when it was never started.
    package var identity: ProcessIdentity? {
        (try? HostFile.text(identityFile)).flatMap(ProcessIdentity.init(noted:))
    }

    /// Its exit code as a shell tells it; `nil` while it runs, or where that is not known.
    package var exitCode: Int? {
        (try? HostFile.text(exitFile)).flatMap { Int($0.prefix { $0.isNumber }) }
    }

    /// Forgets what was noted, so that another start begins anew.
    package func clear() throws(FileFailure) {
        try HostFile.remove(identityFile)
        try HostFile.remove(exitFile)
    }

    /// The outer shell ends when the inner one has noted the program and closed its output: only
    /// then has `Tool.run` read everything.
    private static let script = """
        set -eu
        umask 077
        ulimit -c 0
        identity=$1 exit=$2 output=$3
        shift 3
        while [ "$1" != -- ]; do
            echo $$ > "$1"
            shift
        done
        shift
        (
            "$@" < /dev/null >> "$output" 2>&1 &
            child=$!
            stat=$(cat "/proc/$child/stat")
            set -- ${stat##*) }
            note="$child ${20} $(cat /proc/sys/kernel/random/boot_id)"
            echo "$note" > "$identity.new"
            mv "$identity.new" "$identity"
            echo "$note"
            exec < /dev/null > /dev/null 2>&1
            code=0
            wait "$child" || code=$?
            echo "$code" > "$exit.new"
            mv "$exit.new" "$exit"
        ) &
        """
}

extension ProcessIdentity {
    /// Reads what `DetachedProcess` notes: number, start ticks and boot.
    fileprivate init?(noted text: String) {
        let fields = text.split { $0 == " " || $0 == "\n" }
        guard fields.count == 3, let process = Int32(fields[0]), let ticks = UInt64(fields[1])
        else { return nil }
        self.init(process: process, startTicks: ticks, bootID: String(fields[2]))
    }
}
