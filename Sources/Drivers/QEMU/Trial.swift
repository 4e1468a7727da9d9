import ClusterModel
import HostIO
import Ports
import Synchronization

/// What was found out about this host by trying, when first asked for, and then known.
final class Trial: Sendable {
    private let turns = Turns<String>()
    private let known = Mutex<Result?>(nil)
    private let version = Mutex<Version?>(nil)

    private struct Result { let refusal: String? }

    /// What an emulator said of itself, and which file that was.
    private struct Version {
        let file: HostFile.Status
        let words: Capability
    }

    /// Whether this host has acceleration, and why not.
    func refusal(of probe: KVMProbe) async -> String? {
        do throws(DriverFailure) {
            return try await turns.holding("kvm") { () async throws(DriverFailure) -> String? in
                if let result = known.withLock({ $0 }) { return result.refusal }
                let refusal = await probe.refusal()
                // A trial that was cancelled says nothing about the host.
                if !Task.isCancelled { known.withLock { $0 = Result(refusal: refusal) } }
                return refusal
            }
        } catch {
            return "the trial was cancelled"
        }
    }

    /// Whether there is an emulator, in its own words; asked again where its file has changed.
    ///
    /// Every move begins with this question, and a QEMU takes as long to say its version as to start.
    func version(of emulator: String) async -> Capability {
        let file = HostFile.status(of: emulator)
        if let file, let known = version.withLock({ $0 }), known.file == file {
            return known.words
        }
        let answer = await ask(emulator)
        if let file, answer.available {
            version.withLock { $0 = Version(file: file, words: answer) }
        }
        return answer
    }

    private func ask(_ emulator: String) async -> Capability {
        do throws(ProcessFailure) {
            let outcome = try await Tool.run(emulator, ["--version"])
            let line = outcome.text.split(separator: "\n").first.map(String.init) ?? ""
            return Capability(
                .qemu, available: outcome.status.isSuccess,
                detail: outcome.status.isSuccess
                    ? "\(line), machine \(QEMUCommandLine.machine)" : outcome.complaint)
        } catch {
            return Capability(.qemu, available: false, detail: "\(error)")
        }
    }
}
