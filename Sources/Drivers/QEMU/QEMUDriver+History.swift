package import ClusterModel
package import Ports

extension QEMUDriver: LogCarryingDriver {
    package func precede(
        _ instance: InstanceID, with lines: [LogChunk], marker: String
    ) async throws(DriverFailure) {
        try await turns.holding(instance) { () async throws(DriverFailure) in
            let directory = directory(of: instance)
            guard let record = try VMRecord.read(from: directory), !record.isPlaceholder else {
                throw Self.unknown(instance)
            }
            try await VMLog(directory).history.keep(lines, marker: marker)
        }
    }
}
