import ClusterModel
import Drivers
import Ports
import Testing

extension MoveTests {
    /// What QEMU counts of a migration's memory.
    private struct Sent: Decodable, Sendable {
        let ram: Memory

        struct Memory: Decodable, Sendable {
            let streamed: UInt64

            enum CodingKeys: String, CodingKey { case streamed = "multifd-bytes" }
        }
    }

    /// To and fro, over several streams and over one: nothing of a move is left for the one after it. A QEMU that is not
    /// trusted with several sends nothing over them.
    @Test func memoryGoesOverSeveralStreams() async throws {
        try await onceOfThree { bench in try await Self.memoryGoesOverSeveralStreams(bench) }
    }

    private static func memoryGoesOverSeveralStreams(_ bench: MoveBench) async throws {
        let id = InstanceID("parallel-0")
        let isTrusted = await bench.source.shared.probe().contains {
            $0.name == .multifd && $0.available
        }
        let order = try bench.source.order(
            id, generation: 1, storage: Storage(disks: [.mebibytes(32)]), memory: .mebibytes(256))
        try await bench.withGuest(order) { source, target in
            try await source.run(
                "dd if=/dev/urandom of=/tmp/noise bs=1M count=64 2> /dev/null; "
                    + "md5sum < /tmp/noise > /tmp/sum; dd if=/tmp/noise of=/dev/vda bs=1M count=8; "
                    + "sync", in: id)
            var (here, there) = (bench.source, bench.target)
            var order = order
            for (number, streams) in [2, 1, 8].enumerated() {
                let credentials = try await bench.authority.credentials(
                    for: "m-7\(number).move.huddle")
                order = bench.next(order)
                let endpoint = try await there.shared.receive(
                    order, at: bench.loopback, credentials: credentials, streams: streams,
                    takingPostcopy: false)
                #expect(endpoint.streams == streams)
                guard isTrusted || streams == 1 else {
                    let failure = await #expect(throws: DriverFailure.self) {
                        try await here.shared.copy(
                            id, to: endpoint, credentials: credentials, downtime: bench.downtime
                        ) { _ in }
                    }
                    #expect(failure?.code == .refused)
                    #expect(try await bench.state(of: id, in: here) == "running")
                    try await there.shared.dismiss(id)
                    continue
                }
                let copied = try await here.shared.copy(
                    id, to: endpoint, credentials: credentials, downtime: bench.downtime
                ) { _ in }
                #expect(copied.streams == streams)
                let moved = try await here.shared.switchOver(id, downtime: bench.downtime)
                _ = try await there.shared.arrived(id)
                let sent = try await bench.ask(
                    "query-migrate", of: id, in: here, for: Sent.self
                ).ram.streamed
                print(
                    "over \(streams) streams: \(sent >> 20) of \((moved.bytes?.count ?? 0) >> 20) MiB, "
                        + (try await bench.downtime(of: id, in: here)))
                if streams > 1 { #expect(sent > 64 << 20) } else { #expect(sent == 0) }
                try await here.shared.remove(id)
                let shown = try await there.shared.run(
                    "[ \"$(md5sum < /tmp/noise)\" = \"$(cat /tmp/sum)\" ] && echo memory-is''-whole; "
                        + "cmp -n 8388608 /tmp/noise /dev/vda && echo disk-is''-whole", in: id)
                #expect(shown.contains("memory-is-whole"), "\(shown)")
                #expect(shown.contains("disk-is-whole"), "\(shown)")
                swap(&here, &there)
            }
        }
    }

    private struct Pace: Encodable, Sendable {
        let rate: Int64
        enum CodingKeys: String, CodingKey { case rate = "max-bandwidth" }
    }

    /// The coordinator is away when the copy is done, and QEMU comes to its end.
    @Test func aGuestWhoseSwitchOverNobodyOrdersGoesOn() async throws {
        let id = InstanceID("forgotten-0")
        let order = try bench.source.order(
            id, generation: 1, storage: Storage(disks: [.mebibytes(8)]), memory: .mebibytes(192))
        let credentials = try await bench.authority.credentials(for: "m-77.move.huddle")
        try await bench.withGuest(order) { source, target in
            let endpoint = try await target.receive(
                bench.next(order), at: bench.loopback, credentials: credentials)
            try await source.copy(
                id, to: endpoint, credentials: credentials, downtime: bench.downtime
            ) { _ in }
            // As a hold comes to its end.
            try await bench.tell(
                "migrate-set-parameters", Pace(rate: 1 << 30), of: id, in: bench.source)
            while try await bench.state(of: id, in: bench.source) == "running" {
                try await Task.sleep(for: .milliseconds(20))
            }
            _ = try await source.instances()
            #expect(try await bench.state(of: id, in: bench.source) != "running")
            try await Task.sleep(for: .seconds(11))
            _ = try await source.instances()
            #expect(try await bench.state(of: id, in: bench.source) == "running")
            // The order comes after all, and nothing is lost by it.
            await #expect(throws: DriverFailure.self) {
                try await source.switchOver(id, downtime: bench.downtime)
            }
            await #expect(throws: DriverFailure.self) { _ = try await target.arrived(id) }
            try await target.dismiss(id)
            try await source.resume(id)
            #expect(try await source.run("echo still-$((6 * 7))", in: id).contains("still-42"))
            #expect(try await bench.remains(of: id, in: bench.source) == [])
        }
    }
}
