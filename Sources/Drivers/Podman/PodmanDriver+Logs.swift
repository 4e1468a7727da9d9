package import ClusterModel
import HostIO
package import Ports
import Synchronization

extension PodmanDriver: LogCarryingDriver {
    package func logs(
        of instance: InstanceID, from start: LogStart, follow: Bool,
        into sink: @Sendable (LogChunk) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        guard try await inspect(instance) != nil else { throw Self.unknown(instance) }
        let earlier = try await history(of: instance).chunks()
        var tail = "all"
        if case .tail(let lines) = start { tail = "\(max(0, lines))" }
        if !earlier.isEmpty {
            // Podman says nowhere how many lines it has, and those decide how many of the earlier ones belong.
            let own = Mutex(0)
            if case .tail = start {
                try await read(instance, tail: tail, follow: false) { chunk in
                    own.withLock { $0 += [chunk].lineCount }
                }
            }
            for chunk in earlier.beginning(at: start, before: own.withLock { $0 }) {
                try await sink(chunk)
            }
        }
        try await read(instance, tail: tail, follow: follow, into: sink)
    }

    package func precede(
        _ instance: InstanceID, with lines: [LogChunk], marker: String
    ) async throws(DriverFailure) {
        try await turns.holding(instance) { () async throws(DriverFailure) in
            guard try await inspect(instance) != nil else { throw Self.unknown(instance) }
            do throws(FileFailure) { try HostFile.makeDirectory(histories) } catch {
                throw DriverFailure(vm: error, doing: "make a place for earlier logs")
            }
            try await history(of: instance).keep(lines, marker: marker)
        }
    }

    /// What the instance wrote on other hosts; it goes with its container.
    func history(of instance: InstanceID) -> LogHistory {
        LogHistory(path: "\(histories)/\(names.container(instance)).log")
    }

    /// What Podman itself has of the log.
    private func read(
        _ instance: InstanceID, tail: String, follow: Bool,
        into sink: @Sendable (LogChunk) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        let query = [
            ("stdout", "true"), ("stderr", "true"), ("follow", follow ? "true" : "false"),
            ("tail", tail),
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
