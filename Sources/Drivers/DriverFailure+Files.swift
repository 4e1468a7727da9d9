import HostIO
import Ports

extension DriverFailure {
    /// Carries out `work` on files; where the kernel refuses it, the failure says that this is what could not be done.
    static func onFiles<Value: Sendable>(
        _ doing: String, _ work: () async throws(FileFailure) -> Value
    ) async throws(DriverFailure) -> Value {
        do throws(FileFailure) { return try await work() } catch {
            throw DriverFailure(vm: error, doing: doing)
        }
    }

    static func reading<Value: Sendable>(
        _ directory: String, _ work: () async throws(FileFailure) -> Value
    ) async throws(DriverFailure) -> Value {
        try await onFiles("read \(directory)", work)
    }
}
