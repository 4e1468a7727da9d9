import ClusterModel
import FoundationEssentials
import HostIO
import Ports
import Synchronization
import Testing

@testable import Drivers

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

    /// A copy that breaks off is nowhere found, and what was there stays: the first volume of two as well.
    @Test func whatComesInPartIsNothing() async throws {
        let instance = InstanceID("torn-0")
        let more = try Storage.Volume(name: "more", path: "/more")
        try await withDrivers(removing: [instance], volumes: ["data", "more"]) { source, target in
            let kept = "echo whole > /data/file; echo whole > /more/file"
            _ = try await target.start(try order(instance, 1, kept, in: other, more))
            _ = try await target.exit(of: instance)
            let much = """
                for d in data more; do
                    dd if=/dev/zero of=/$d/much bs=1M count=2 2> /dev/null; echo new > /$d/file
                done
                """
            _ = try await source.start(try order(instance, 2, much, in: bench, more))
            _ = try await source.exit(of: instance)
            let pieces = Mutex<[[UInt8]]>([])
            try await source.export(instance) { bytes in pieces.withLock { $0.append(bytes) } }
            let all = pieces.withLock { $0 }
            let arrival = try order(instance, 3, "true", in: other, more)
            // After the first volume, before the last frame, without it, and with something behind it.
            for come in [all.count / 2 + 2, all.count - 2, all.count - 1, all.count + 1] {
                let rest = Mutex((all + [[0]]).prefix(come)[...])
                await #expect(throws: DriverFailure.self) {
                    try await target.adopt(arrival) { () async throws(DriverFailure) in
                        rest.withLock { $0.popFirst() }
                    }
                }
                let isConsumed = rest.withLock { $0.isEmpty }
                #expect(isConsumed, "it broke off at once")
                #expect(
                    try await other.volumes(of: instance) == [
                        "huddlevolumes-torn-0.data", "huddlevolumes-torn-0.more",
                    ])
            }
            let seen = try await log(of: instance, 4, "cat /data/* /more/*", by: target, more)
            #expect(seen == "whole\nwhole\n")
        }
    }

    /// While it runs all of the volume goes, and afterwards what has changed, come and gone since.
    @Test func volumesGoInTwoPasses() async throws {
        let instance = InstanceID("twice-0")
        let move = MoveID("m-1")
        try await withDrivers(removing: [instance]) { source, target in
            let script = """
                dd if=/dev/zero of=/data/large bs=1M count=4 2> /dev/null
                mkdir /data/old /data/gone; echo 1 > /data/gone/f; echo 1 > /data/file; ln /data/file /data/linked
                # Older than what counts as changed since a pass began.
                sleep 31
                touch /data/ready
                until [ -e /data/go ]; do sleep 0.05; done
                rm -r /data/gone; mv /data/old /data/new; echo 2 > /data/file; echo deep > /data/new/f
                touch /data/done
                exec sleep 1000
                """
            _ = try await source.start(try order(instance, 1, script, in: bench))
            try await wait(for: "/data/ready", in: instance, by: source)
            let isNoted = try FileSystem.notesEveryChange(
                at: try await directory(of: "huddletest-twice-0.data"))
            let first = try Carriage(isCompressed: false)
            try await source.exportAhead(
                instance, withLayer: true, withMemory: false, into: first.append)
            let arrival = try order(instance, 2, "true", in: other)
            #expect(target.ahead(of: instance, in: move) == nil)
            try await target.adoptAhead(arrival, in: move, from: first.next)
            let pass = try #require(target.ahead(of: instance, in: move))
            #expect(target.ahead(of: instance, in: MoveID("m-2")) == nil)
            // Nothing finds it yet.
            #expect(
                try await other.volumes(of: instance)
                    == (isNoted ? ["huddlevolumes-twice-0.data.incoming"] : []))
            let seen = Collected()
            _ = try await source.execute(
                ["touch", "/data/go"], in: instance, terminal: false,
                session: .typing([], into: seen))
            try await wait(for: "/data/done", in: instance, by: source)
            try await source.stop(instance, grace: .zero)
            let second = try Carriage(isCompressed: false)
            try await source.exportRest(instance, after: pass, into: second.append)
            #expect((second.count < 1 << 20) == isNoted, "\(second.count) bytes")
            // It follows once: asked for once more, all of it goes.
            let again = try Carriage(isCompressed: false)
            try await source.exportRest(instance, after: pass, into: again.append)
            #expect(again.count > 4 << 20)
            try await target.adoptRest(arrival, after: pass, from: second.next)
            #expect(target.ahead(of: instance, in: move) == nil)
            #expect(try await other.volumes(of: instance) == ["huddlevolumes-twice-0.data"])
            let look =
                "cd /data; find . | sort | tr '\\n' ' '; cat file linked new/f; wc -c < large"
            #expect(
                try await log(of: instance, 2, look, by: target)
                    == ". ./done ./file ./go ./large ./linked ./new ./new/f ./ready 2\n2\ndeep\n4194304\n"
            )
        }
    }

    /// What came ahead and is not followed goes with the instance, and is of no use to who has something else.
    @Test func whatCameAheadInVainGoes() async throws {
        let instance = InstanceID("vain-0")
        let move = MoveID("m-1")
        try await withDrivers(removing: [instance]) { source, target in
            _ = try await source.start(
                try order(instance, 1, "echo 1 > /data/file; exec sleep 1000", in: bench))
            try await wait(for: "/data/file", in: instance, by: source)
            let arrival = try order(instance, 2, "true", in: other)
            func ahead() async throws -> String {
                let first = try Carriage(isCompressed: false)
                try await source.exportAhead(
                    instance, withLayer: true, withMemory: false, into: first.append)
                try await target.adoptAhead(arrival, in: move, from: first.next)
                return try #require(target.ahead(of: instance, in: move))
            }
            // Removed, broken off, and gone from under it.
            _ = try await ahead()
            try await target.remove(instance)
            #expect(try await other.volumes(of: instance).isEmpty)
            #expect(target.ahead(of: instance, in: move) == nil)
            var pass = try await ahead()
            await #expect(throws: DriverFailure.self) {
                try await target.adoptRest(arrival, after: pass) {
                    () async throws(DriverFailure) in nil
                }
            }
            #expect(try await other.volumes(of: instance).isEmpty)
            pass = try await ahead()
            try await drop("huddlevolumes-vain-0.data.incoming")
            try await source.stop(instance, grace: .zero)
            let rest = try Carriage(isCompressed: false)
            try await source.exportRest(instance, after: pass, into: rest.append)
            await #expect(throws: DriverFailure.self) {
                try await target.adoptRest(arrival, after: pass, from: rest.next)
            }
            // Changes of another pass than the one that is here.
            _ = try await source.start(
                try order(instance, 1, "exec sleep 1000", in: bench))
            _ = try await ahead()
            try await source.stop(instance, grace: .zero)
            let foreign = try Carriage(isCompressed: false)
            try await source.exportRest(instance, after: "another", into: foreign.append)
            try await target.adoptRest(arrival, after: "another", from: foreign.next)
            #expect(try await other.volumes(of: instance) == ["huddlevolumes-vain-0.data"])
            #expect(try await log(of: instance, 2, "cat /data/file", by: target) == "1\n")
        }
    }

    /// Only what is on its way goes, also where a spec calls a volume like that.
    @Test func aVolumeMayBeCalledIncoming() async throws {
        let instance = InstanceID("named-0")
        try await withDrivers(removing: [instance]) { source, _ in
            let own = try order(instance, 1, "exec sleep 1000", in: bench, volume: "incoming")
            _ = try await source.start(own)
            try await source.remove(instance)
            #expect(try await bench.volumes(of: instance) == ["huddletest-named-0.incoming"])
            try await source.remove(instance, with: ["incoming"])
            #expect(try await bench.volumes(of: instance).isEmpty)
        }
    }

    /// What versions before made has its volume under another name: it becomes the instance's own where the container goes,
    /// and until then nothing is written down that would look for it elsewhere.
    @Test func whatAnEarlierVersionMadeIsTakenOver() async throws {
        let (first, second) = (InstanceID("elder-0"), InstanceID("elder-1"))
        try await withDrivers(removing: [first, second]) { source, target in
            try await makeElder(first, "echo elder > /data/file; exec sleep 1000")
            #expect(try await read(first, by: source) == "elder\n")
            try await makeElder(second, "exec sleep 1000")
            let failure = await #expect(throws: DriverFailure.self) {
                try await source.checkpoint(first)
            }
            #expect(failure?.message.contains("huddletest-data") == true, "\(failure as Any)")
            // Another one has it, too.
            let seen = try await log(
                of: first, 2, "cat /data/file; echo mine > /data/file", by: source, in: bench)
            #expect(seen == "elder\n")
            #expect(try await read(second, by: source) == "elder\n")
            // A move by restart.
            try await source.stop(second, grace: .zero)
            try await target.adopt(
                try order(second, 2, "true", in: other), from: try await sent(second, by: source))
            #expect(try await log(of: second, 2, "cat /data/file", by: target) == "elder\n")
            // Removed without its volumes it leaves them under their new name, and nothing under the old.
            try await source.remove(second)
            #expect(try await bench.volumes(of: second) == ["huddletest-elder-1.data"])
            let old = try await call(.get, "/volumes/huddletest-data/exists")
            #expect(old.head.status == 404)
            #expect(
                try await log(of: second, 3, "cat /data/file", by: source, in: bench) == "elder\n")
            #expect(
                try await log(of: first, 3, "cat /data/file", by: source, in: bench) == "mine\n")
        }
    }

    // MARK: Pieces

    private func withDrivers(
        removing instances: [InstanceID], volumes: [String] = ["data"],
        _ body: (PodmanDriver, PodmanDriver) async throws -> Void
    ) async throws {
        let (source, target) = (try bench.makeDriver(), try other.makeDriver())
        let result = await outcome { try await body(source, target) }
        for driver in [source, target] {
            for instance in instances { try? await driver.remove(instance, with: volumes) }
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
        _ instance: InstanceID, _ generation: UInt64, _ script: String, in bench: PodmanBench,
        _ more: Storage.Volume? = nil, volume: String = "data"
    ) throws -> StartOrder {
        try bench.order(
            instance, generation: generation, command: ["sh", "-c", script],
            volumes: [.init(name: volume, path: "/data")] + (more.map { [$0] } ?? []))
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
        of instance: InstanceID, _ generation: UInt64, _ script: String, by driver: PodmanDriver,
        _ more: Storage.Volume? = nil, in bench: PodmanBench? = nil
    ) async throws -> String {
        let order = try order(instance, generation, script, in: bench ?? other, more)
        _ = try await driver.start(order)
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

    private func wait(
        for file: String, in instance: InstanceID, by driver: PodmanDriver
    ) async throws {
        let seen = Collected()
        let code = try await driver.execute(
            ["sh", "-c", "until [ -e \(file) ]; do sleep 0.05; done"], in: instance,
            terminal: false, session: .typing([], into: seen))
        try #require(code == 0)
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
