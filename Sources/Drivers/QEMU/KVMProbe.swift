import ClusterModel
import HostIO
import Ports

/// Finds out by trying whether guests run on the processor itself.
///
/// A device node that opens proves nothing: nested and para-virtual hosts have one that hangs every
/// guest or executes it by software, see `ProbeGuest`. The trial runs as a VM does: same user, same
/// processor model.
struct KVMProbe: Sendable {
    let emulator: String
    /// Who the trial runs as.
    let user: UInt32
    /// A file of ours for the guest.
    let firmware: String

    static let device = "/dev/kvm"

    /// A processor needs 0.05 s; a busy host gets a hundred times that.
    private static let patience = Duration.seconds(5)

    /// Why there is no acceleration; `nil` when there is.
    func refusal() async -> String? {
        guard let device = HostFile.status(of: Self.device) else {
            return "there is no \(Self.device)"
        }
        guard device.permissions & 0o060 == 0o060 else {
            return "\(Self.device) is closed to its group, and VMs do not run as root"
        }
        let trial = DetachedProcess.Program(
            path: emulator,
            arguments: [
                "-accel", "kvm", "-machine", QEMUCommandLine.machine, "-cpu", "host", "-m", "16",
                "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-bios",
                firmware,
                "-debugcon", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
            ], user: user, groups: [device.group], output: "/dev/null")
        do throws(FileFailure) {
            try await HostFile.save(ProbeGuest.firmware, to: firmware, mode: 0o644)
        } catch {
            return "the trial guest cannot be written: \(error)"
        }
        let refusal = await run(trial)
        // Left over, it harms nobody; the next trial writes it anew.
        try? await HostFile.erase(firmware)
        return refusal
    }

    private func run(_ trial: DetachedProcess.Program) async -> String? {
        let stages = TrialOutput()
        do throws(ProcessFailure) {
            let outcome = try await withDeadline(
                Self.patience, late: ProcessFailure.timedOut(emulator, Self.patience)
            ) { () async throws(ProcessFailure) -> Tool.Outcome in
                try await Tool.streaming("/usr/bin/env", trial.unprivileged) {
                    (reader, writer) async throws(ProcessFailure) -> [UInt8] in
                    writer.finish()
                    do throws(SocketFailure) {
                        while let bytes = try await reader.next() { stages.append(bytes) }
                    } catch {
                        throw .broken(emulator, error)
                    }
                    return []
                }
            }
            if outcome.status == .exited(ProbeGuest.successCode) { return nil }
            // The first line names the cause, what follows is QEMU's own fall.
            let complaint = outcome.complaint.split(separator: "\n").first.map(String.init)
            return
                "QEMU cannot run a guest on \(Self.device): "
                + (complaint ?? "code \(outcome.status.code)")
        } catch {
            guard case .timedOut = error else {
                return "the trial guest could not be run: \(error)"
            }
            switch stages.text {
            case "": return "\(Self.device) opens, but a guest hangs before it reaches 64-bit mode"
            case "L": return "\(Self.device) opens, but a guest gets no timer interrupt"
            default:
                return
                    "\(Self.device) opens, but executes guests by software, slower than QEMU does"
            }
        }
    }
}
