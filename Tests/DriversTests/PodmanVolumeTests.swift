import ClusterModel
import Drivers
import FoundationEssentials
import HostIO
import Ports
import Testing

/// Volumes of a host's own: whose they are, and what becomes of what is there when others come.
@Suite(
    .enabled(
        if: TestMachine.podmanSocket != nil && TestMachine.guest != nil,
        "HUDDLE_TEST_PODMAN_SOCKET or HUDDLE_TEST_GUEST names nothing"),
    .timeLimit(.minutes(1)))
struct PodmanVolumeTests {
    private let bench = PodmanBench(socket: TestMachine.podmanSocket ?? "")
    private let other = PodmanBench(
        socket: TestMachine.podmanSocket ?? "", namespace: "huddlevolumes")

    /// Two instances of one workload on one host, of which the second arrives while the first one runs.
    @Test func instancesDoNotShareWhatTheyCallTheSame() async throws {
        let (first, second) = (InstanceID("twins-0"), InstanceID("twins-1"))
        try await withDrivers(removing: [first, second]) { source, target in
            _ = try await target.start(
                try order(
                    first, 1, "echo first > /data/file; exec sleep 1000", in: other))
            _ = try await source.start(try order(second, 1, "echo second > /data/file", in: bench))
            _ = try await source.exit(of: second)
            try await target.adopt(
                try order(second, 2, "cat /data/file", in: other),
                from: try await sent(second, by: source))
            #expect(try await read(first, by: target) == "first\n")
            #expect(try await log(of: second, 2, "cat /data/file", by: target) == "second\n")
            #expect(try await other.volumes(of: first) == ["huddlevolumes-twins-0.data"])
            #expect(try await other.volumes(of: second) == ["huddlevolumes-twins-1.data"])
        }
    }

    /// What an earlier instance of that name left is not what comes, and is not lost.
    @Test func whatWasThereIsSetAside() async throws {
        let instance = InstanceID("heir-0")
        try await withDrivers(removing: [instance]) { source, target in
            _ = try await target.start(
                try order(instance, 1, "echo earlier > /data/file; touch /data/old", in: other))
            _ = try await target.exit(of: instance)
            try await target.remove(instance)
            _ = try await source.start(try order(instance, 2, "echo later > /data/file", in: bench))
            _ = try await source.exit(of: instance)
            // Fetched once more under the same decision, as after a restart of the agent: nothing is kept twice.
            for _ in 1...2 {
                try await target.adopt(
                    try order(instance, 3, "true", in: other),
                    from: try await sent(instance, by: source))
            }
            let seen = try await log(of: instance, 3, "cat /data/*", by: target)
            #expect(seen == "later\n")
            try await target.remove(instance, with: ["data"])
            let kept = "huddlevolumes-heir-0.data.earlier.1"
            #expect(try await other.volumes(of: instance) == [kept])
            let place = try await directory(of: kept)
            #expect(try HostFile.names(in: place) == ["file", "old"])
            #expect(try HostFile.text(place + "/file") == "earlier\n")
            try await drop(kept)
        }
    }

    /// A copy that breaks off is nowhere found, and what was there stays.
    @Test func whatComesInPartIsNothing() async throws {
        let instance = InstanceID("torn-0")
        try await withDrivers(removing: [instance]) { source, target in
            _ = try await target.start(try order(instance, 1, "echo whole > /data/file", in: other))
            _ = try await target.exit(of: instance)
            let much =
                "dd if=/dev/zero of=/data/much bs=1M count=4 2> /dev/null; echo new > /data/file"
            _ = try await source.start(try order(instance, 2, much, in: bench))
            _ = try await source.exit(of: instance)
            let way = try Carriage(isCompressed: false)
            try await source.export(instance, into: way.append)
            let most = way.count - 1024
            await #expect(throws: DriverFailure.self) {
                try await target.adopt(try order(instance, 3, "true", in: other)) {
                    () async throws(DriverFailure) in
                    guard way.count > most else { throw DriverFailure(.unavailable, "broke off") }
                    return try await way.next()
                }
            }
            await #expect(throws: DriverFailure.self) {
                try await target.adopt(try order(instance, 3, "true", in: other)) {
                    () async throws(DriverFailure) in
                    way.count > 1024 ? try await way.next() : nil
                }
            }
            let place = try await directory(of: "huddlevolumes-torn-0.data")
            let volume = place.split(separator: "/").dropLast().joined(separator: "/")
            #expect(try HostFile.names(in: "/\(volume)") == ["_data"])
            #expect(try await log(of: instance, 4, "cat /data/*", by: target) == "whole\n")
        }
    }

    /// A container that a version before made has its volume under another name: it is not begun anew without it.
    @Test func whatAnEarlierVersionMadeIsBroughtAlong() async throws {
        let instance = InstanceID("elder-0")
        try await withDrivers(removing: [instance]) { source, target in
            try await makeElder(instance, "echo elder > /data/file; exec sleep 1000")
            for call in [
                { () async throws in
                    _ = try await source.start(try order(instance, 2, "true", in: bench))
                },
                { () async throws in try await source.checkpoint(instance) },
            ] {
                let failure = await #expect(throws: DriverFailure.self) { try await call() }
                #expect(failure?.message.contains("huddletest-data") == true, "\(failure as Any)")
                #expect(failure?.cause?.contains("--mode restart") == true)
            }
            #expect(try await read(instance, by: source) == "elder\n")
            try await source.stop(instance, grace: .zero)
            try await target.adopt(
                try order(instance, 2, "true", in: other),
                from: try await sent(instance, by: source))
            #expect(try await log(of: instance, 2, "cat /data/file", by: target) == "elder\n")
            try await source.remove(instance, with: ["data"])
            try await drop("huddletest-data")
        }
    }

    // MARK: Pieces

    private func withDrivers(
        removing instances: [InstanceID],
        _ body: (PodmanDriver, PodmanDriver) async throws -> Void
    ) async throws {
        let (source, target) = (try bench.makeDriver(), try other.makeDriver())
        let result = await outcome { try await body(source, target) }
        for driver in [source, target] {
            for instance in instances { try? await driver.remove(instance, with: ["data"]) }
        }
        try result.get()
        for bench in [bench, other] {
            for instance in instances {
                #expect(try await bench.volumes(of: instance) == [])
                #expect(try await bench.leftovers(of: instance) == [])
            }
        }
    }

    private func order(
        _ instance: InstanceID, _ generation: UInt64, _ script: String, in bench: PodmanBench
    ) throws -> StartOrder {
        try bench.order(
            instance, generation: generation, command: ["sh", "-c", script],
            volumes: [.init(name: "data", path: "/data")])
    }

    private func sent(
        _ instance: InstanceID, by source: PodmanDriver
    ) async throws -> @Sendable () async throws(DriverFailure) -> [UInt8]? {
        let way = try Carriage(isCompressed: false)
        try await source.export(instance, into: way.append)
        return way.next
    }

    /// What a start at `driver` of this command prints.
    private func log(
        of instance: InstanceID, _ generation: UInt64, _ script: String, by driver: PodmanDriver
    ) async throws -> String {
        _ = try await driver.start(try order(instance, generation, script, in: other))
        _ = try await driver.exit(of: instance)
        return try await driver.log(of: instance, tail: nil)
    }

    private func read(_ instance: InstanceID, by driver: PodmanDriver) async throws -> String {
        let seen = Collected()
        _ = try await driver.execute(
            ["sh", "-c", "until [ -s /data/file ]; do sleep 0.1; done; cat /data/file"],
            in: instance, terminal: false,
            session: .typing([], into: seen))
        return seen.text
    }

    private func directory(of volume: String) async throws -> String {
        struct Inspected: Decodable {
            let Mountpoint: String
        }
        let response = try await call(.get, "/volumes/\(volume)/json")
        return try JSONDecoder().decode(Inspected.self, from: Data(response.body)).Mountpoint
    }

    private func drop(_ volume: String) async throws {
        let response = try await call(.delete, "/volumes/\(volume)")
        #expect(response.head.isSuccess)
    }

    /// As versions before did: the volume is called by its name alone.
    private func makeElder(_ instance: InstanceID, _ script: String) async throws {
        // Has Podman load the image.
        _ = try await bench.makeDriver().start(
            try bench.order(instance, generation: 1, command: ["true"]))
        let inspected = try await call(.get, "/containers/huddletest-\(instance)/json")
        struct Made: Decodable {
            let ImageName: String
            let Config: Configuration
            struct Configuration: Decodable { let Labels: [String: String] }
        }
        let made = try JSONDecoder().decode(Made.self, from: Data(inspected.body))
        try await bench.makeDriver().remove(instance)
        struct Elder: Encodable {
            let name, image: String
            let labels: [String: String]
            let command: [String]
            let volumes: [[String: String]]
            // Podman's own defaults may be more than this machine allows.
            let r_limits = ["nofile", "nproc"].map { Limit(type: $0) }

            struct Limit: Encodable {
                let type: String
                let soft = 1024
                let hard = 1024
            }
        }
        let elder = Elder(
            name: "huddletest-\(instance)", image: made.ImageName, labels: made.Config.Labels,
            command: ["sh", "-c", script],
            volumes: [["Name": "huddletest-data", "Dest": "/data"]])
        let body = try JSONEncoder().encode(elder)
        let created = try await call(.post, "/containers/create", Array(body))
        try #require(created.head.isSuccess, "\(String(decoding: created.body, as: UTF8.self))")
        let started = try await call(.post, "/containers/huddletest-\(instance)/start")
        try #require(started.head.isSuccess, "\(String(decoding: started.body, as: UTF8.self))")
    }

    private func call(
        _ method: HTTPRequest.Method, _ path: String, _ body: [UInt8]? = nil
    ) async throws -> HTTPResponse {
        let request = HTTPRequest(
            method, "/v4.0.0/libpod" + path,
            body: body.map { .bytes($0, type: "application/json") } ?? .none)
        return try await UnixHTTPClient(socket: bench.socket).send(request)
    }
}
