import ClusterModel
import HostIO
import Ports

extension QEMUDriver {
    /// Presses the power button and gives the guest `grace` to act on it.
    ///
    /// A guest without ACPI does not, and a QEMU that does not answer cannot tell it: both are
    /// ended by `end`.
    func askToEnd(_ handle: ProcessHandle, _ directory: VMDirectory, grace: Duration) async {
        guard grace > .zero else { return }
        try? await QMPClient(socket: directory.monitor).execute("system_powerdown")
        _ = await ends(handle, within: grace)
    }

    /// Ends QEMU, with its disks written if it still answers, and clears up behind it.
    func end(_ handle: ProcessHandle, _ directory: VMDirectory) async throws(DriverFailure) {
        if handle.isRunning {
            // Its answer may be lost in its end.
            try? await QMPClient(socket: directory.monitor).execute("quit")
            let shares = (try? VMRecord.read(from: directory))?.hasSharedDisks == true
            let patience = shares ? DriverLimits.sharedEnd : DriverLimits.end
            if await !ends(handle, within: patience) { handle.signal(.kill) }
        }
        try await waitForEnd(handle, directory)
        try await removeGroup(directory)
    }

    /// Waits for the process and for its code; a killed process that does not end hangs in the
    /// kernel.
    func waitForEnd(_ handle: ProcessHandle, _ directory: VMDirectory) async throws(DriverFailure) {
        guard await ends(handle, within: .seconds(10)) else {
            throw DriverFailure(
                .unavailable, "QEMU of \(directory.instance) does not end",
                cause: "process \(handle.process)")
        }
        _ = await exitCode(directory)
    }

    func removeGroup(_ directory: VMDirectory) async throws(DriverFailure) {
        do throws(FileFailure) {
            try await group(of: directory.instance).remove()
        } catch {
            throw DriverFailure(
                vm: error, doing: "remove the control group of \(directory.instance)")
        }
    }

    /// Removes everything of a VM that does not run.
    func discard(_ directory: VMDirectory) async throws(DriverFailure) {
        try await removeGroup(directory)
        do throws(FileFailure) {
            try await directory.remove()
        } catch {
            throw DriverFailure(vm: error, doing: "remove the files of \(directory.instance)")
        }
    }

    private func ends(_ handle: ProcessHandle, within limit: Duration) async -> Bool {
        let late = DriverFailure(.unavailable, "it still runs")
        let ended = try? await withDeadline(limit, late: late) {
            () async throws(DriverFailure) -> Bool in
            await handle.ended()
        }
        return ended ?? !handle.isRunning
    }
}
