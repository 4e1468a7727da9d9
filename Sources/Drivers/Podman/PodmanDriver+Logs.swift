package import ClusterModel
import HostIO
package import Ports

extension PodmanDriver {
    package func logs(
        of instance: InstanceID, tail: Int?, follow: Bool,
        into sink: @Sendable (LogChunk) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        guard try await inspect(instance) != nil else { throw Self.unknown(instance) }
        let query = [
            ("stdout", "true"), ("stderr", "true"), ("follow", follow ? "true" : "false"),
            ("tail", tail.map { "\(max(0, $0))" } ?? "all"),
        ]
        // Podman sends the head with the first line, and an instance may be silent for days.
        try await api.exchange(.get, path(instance, "logs"), query: query, headWithin: nil) {
            (head, reader, _) async throws(DriverFailure) in
            try await Self.requireStream(head, reader, doing: "read the log of \(instance)")
            var frames = PodmanFrames()
            while let bytes = try await Self.next(reader) {
                for chunk in try frames.append(bytes) { try await sink(chunk) }
            }
        }
    }

    /// Fails with the service's own reason when it refused to stream.
    static func requireStream(
        _ head: HTTPResponseHead, _ reader: ByteReader, doing: String
    ) async throws(DriverFailure) {
        guard !head.isSuccess else { return }
        let body = (try? await reader.collect(limit: HostIOLimits.httpBody)) ?? []
        try HTTPResponse(head: head, body: body).require(doing)
    }

    static func next(_ reader: ByteReader) async throws(DriverFailure) -> [UInt8]? {
        do throws(SocketFailure) { return try await reader.next() } catch {
            throw DriverFailure(podman: error)
        }
    }
}
