import ClusterModel
import Ports

extension Migration {
    /// Opens QEMU for the one move whose subject is `subject`, at two ports of this host.
    func open(
        at address: IPv4Address, ports: MovePorts, for subject: String, disks: [String],
        hasBalloon: Bool, streams: Int, takesPostcopy: Bool
    ) async throws(DriverFailure) -> MoveEndpoint {
        try await order(
            "object-add",
            [
                "qom-type": "authz-simple", "id": .text(Name.identity), "identity": .text(subject),
            ], to: "note who may move")
        try await order(
            "migrate-set-parameters",
            ["tls-creds": .text(Name.credentials), "tls-authz": .text(Name.identity)],
            to: "protect the move")
        if streams > 1 || takesPostcopy {
            try await arrangePassage(streams, takesPostcopy: takesPostcopy)
        }
        let memory = try await listen(ports, address) { (port) async throws(DriverFailure) in
            try await order(
                "migrate-incoming", ["uri": .text("tcp:\(address):\(port)")],
                to: "wait for the memory")
        }
        guard !disks.isEmpty else {
            return MoveEndpoint(
                address: address, memoryPort: memory, hasBalloon: hasBalloon, streams: streams,
                takesPostcopy: takesPostcopy)
        }
        let disk = try await listen(ports, address) { (port) async throws(DriverFailure) in
            try await order(
                "nbd-server-start",
                [
                    "addr": [
                        "type": "inet",
                        "data": ["host": .text("\(address)"), "port": .text("\(port)")],
                    ],
                    "tls-creds": .text(Name.credentials), "tls-authz": .text(Name.identity),
                ], to: "wait for the disks")
        }
        for name in disks {
            try await order(
                "block-export-add",
                [
                    "type": "nbd", "id": .text(Name.disk + name), "node-name": .text(name),
                    "name": .text(name), "writable": true,
                ], to: "wait for the disk \(name)")
        }
        return MoveEndpoint(
            address: address, memoryPort: memory, diskPort: disk, hasBalloon: hasBalloon,
            streams: streams, takesPostcopy: takesPostcopy)
    }

    /// Closes what `open` opened; what is closed already is no matter.
    func close() async {
        try? await order("nbd-server-stop", to: "close the disks' port")
        await withdraw()
    }

    /// Has QEMU listen at a free port; where somebody took it meanwhile, at another one.
    private func listen(
        _ ports: MovePorts, _ address: IPv4Address,
        _ listen: (UInt16) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) -> UInt16 {
        for _ in 0..<ports.count {
            guard let port = ports.take(at: address) else { break }
            do throws(DriverFailure) {
                try await listen(port)
                return port
            } catch {
                // QEMU gives no code but these words of the system.
                guard error.cause?.contains("Address already in use") == true else { throw error }
            }
        }
        throw DriverFailure(
            .exhausted, "this host has no free port left for the move of \(instance)")
    }
}
