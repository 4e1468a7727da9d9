import ClusterModel
import Drivers
import HostIO
import Ports
import Synchronization
import Testing

@Suite(
    .enabled(
        if: TestMachine.podmanSocket != nil && TestMachine.guest != nil,
        "HUDDLE_TEST_PODMAN_SOCKET or HUDDLE_TEST_GUEST names nothing"),
    .timeLimit(.minutes(1)))
struct PodmanExecutionTests {
    private let bench = PodmanBench(socket: TestMachine.podmanSocket ?? "")

    /// Runs `body` with an idle instance of this name, and removes it afterwards.
    private func withInstance(
        _ name: String, command: [String] = ["sleep", "1000"], volumes: [Storage.Volume] = [],
        environment: [Program.Variable] = [], ports: [Program.Port] = [],
        _ body: (PodmanDriver, InstanceID) async throws -> Void
    ) async throws {
        let instance = InstanceID("\(name)-0")
        let driver = try bench.makeDriver()
        let order = try bench.order(
            instance, generation: 1, command: command, environment: environment, volumes: volumes,
            ports: ports)
        _ = try await driver.start(order)
        do {
            try await body(driver, instance)
        } catch {
            await driver.removeInSpite(instance)
            throw error
        }
        try await driver.remove(instance)
    }

    @Test func outputErrorInputAndExitCodeArriveApart() async throws {
        try await withInstance("exec-plain") { driver, instance in
            let seen = Collected()
            let code = try await driver.execute(
                ["sh", "-c", "cat; echo wrong >&2; exit 7"], in: instance, terminal: false,
                session: .typing(["first\n", "second\n"], into: seen))
            #expect(code == 7)
            #expect(seen.text(of: .output) == "first\nsecond\n")
            #expect(seen.text(of: .error) == "wrong\n")
        }
    }

    @Test func terminalIsATerminal() async throws {
        try await withInstance("exec-terminal") { driver, instance in
            let seen = Collected()
            let code = try await driver.execute(
                ["sh", "-c", "test -t 0 && echo terminal; exit 3"], in: instance, terminal: true,
                session: .typing([], into: seen))
            #expect(code == 3)
            #expect(seen.text.contains("terminal"))
        }
    }

    @Test func muchOutputArrivesWhole() async throws {
        try await withInstance("exec-bulk") { driver, instance in
            let count = Mutex(0)
            let session = TerminalSession(
                input: { () async throws(DriverFailure) in nil },
                output: { chunk in count.withLock { $0 += chunk.bytes.count } })
            let code = try await driver.execute(
                ["dd", "if=/dev/zero", "bs=65536", "count=160", "status=none"], in: instance,
                terminal: false,
                session: session)
            #expect(code == 0)
            #expect(count.withLock { $0 } == 160 << 16)
        }
    }

    @Test func cancellingEndsTheCommand() async throws {
        try await withInstance("exec-cancel") { driver, instance in
            let seen = Collected()
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    let session = TerminalSession(
                        input: { () async throws(DriverFailure) in
                            try? await Task.sleep(for: .seconds(1000))
                            return nil
                        }, output: { seen.append($0) })
                    _ = try? await driver.execute(
                        ["sh", "-c", "echo up; exec sleep 4321"], in: instance, terminal: false,
                        session: session)
                }
                while !seen.text.contains("up") { await Task.yield() }
                group.cancelAll()
            }
            let listing = Collected()
            _ = try await driver.execute(
                ["ps"], in: instance, terminal: false, session: .typing([], into: listing))
            #expect(!listing.text.contains("sleep 4321"), "\(listing.text)")
        }
    }

    @Test func unknownCommandIsAFailureOrACode() async throws {
        try await withInstance("exec-unknown") { driver, instance in
            let seen = Collected()
            do throws(DriverFailure) {
                let code = try await driver.execute(
                    ["/no/such/program"], in: instance, terminal: false,
                    session: .typing([], into: seen))
                #expect(code != 0)
            } catch {
                #expect(error.cause?.contains("no/such/program") == true, "\(error)")
            }
        }
    }

    @Test func environmentVolumesAndPortsAreThere() async throws {
        let volume = try Storage.Volume(name: "kept", path: "/kept")
        try await withInstance(
            "everything",
            command: ["sh", "-c", "echo $COLOUR > /kept/colour; exec httpd -f -p 80 -h /kept"],
            volumes: [volume], environment: [.init(name: "COLOUR", value: "a b=c")],
            ports: [.init(host: 28_431, instance: 80)]
        ) { driver, instance in
            let seen = Collected()
            _ = try await driver.execute(
                ["wget", "-q", "-O", "-", "http://127.0.0.1/colour"], in: instance, terminal: false,
                session: .typing([], into: seen))
            #expect(seen.text == "a b=c\n")
            let page = try await Tool.run(
                "/usr/bin/env",
                ["busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:28431/colour"])
            #expect(page.text == "a b=c\n")
            // Named volumes outlive a replacement.
            let next = try bench.order(
                instance, generation: 2, command: ["cat", "/kept/colour"], volumes: [volume])
            _ = try await driver.start(next)
            _ = try await driver.exit(of: instance)
            #expect(try await driver.log(of: instance, tail: nil) == "a b=c\n")
        }
        try await bench.makeDriver().remove(InstanceID("everything-0"), with: ["kept"])
    }

    @Test func volumesGoAlongToAnotherHost() async throws {
        let volume = try Storage.Volume(name: "cargo", path: "/cargo")
        let other = PodmanBench(socket: bench.socket, namespace: "huddleother")
        let target = try other.makeDriver()
        let stream = Mutex<[[UInt8]]>([])
        let pack =
            "mkdir /cargo/d; echo deep > /cargo/d/f; chown 12:34 /cargo/d/f; chmod 640 /cargo/d/f"
        try await withInstance(
            "cargo", command: ["sh", "-c", pack + "; ln -s d/f /cargo/l"], volumes: [volume]
        ) {
            driver, instance in
            _ = try await driver.exit(of: instance)
            try await driver.export(instance) { bytes in stream.withLock { $0.append(bytes) } }
            let order = try other.order(
                instance, generation: 2,
                command: ["sh", "-c", "cat /cargo/l; stat -c %u:%g:%a /cargo/d/f"],
                volumes: [volume])
            try await target.adopt(order) { () async throws(DriverFailure) in
                stream.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            }
            _ = try await target.start(order)
            _ = try await target.exit(of: instance)
            let log = try await target.log(of: instance, tail: nil)
            #expect(log == "deep\n12:34:640\n")
            try await target.remove(instance)
        }
        try await bench.makeDriver().remove(InstanceID("cargo-0"), with: ["cargo"])
        try await target.remove(InstanceID("cargo-0"), with: ["cargo"])
    }

    @Test func refusedStartLeavesNothingAndSaysWhy() async throws {
        let driver = try bench.makeDriver()
        let instance = InstanceID("refused-0")
        let order = try bench.order(instance, generation: 1, command: ["/no/such/program"])
        let failure = await #expect(throws: DriverFailure.self) {
            _ = try await driver.start(order)
        }
        #expect(failure?.code == .refused)
        #expect(
            failure?.cause?.contains("/no/such/program") == true, "\(String(describing: failure))")
        let leftovers = try await bench.leftovers(of: instance)
        #expect(leftovers == [])
    }

    @Test func exitCodesAreTold() async throws {
        try await withInstance("ends", command: ["sh", "-c", "exit 42"]) { driver, instance in
            let code = try await driver.exit(of: instance)
            let listed = try await driver.instances().first { $0.id == instance }
            #expect(code == 42)
            #expect(listed?.state == .exited(code: 42))
        }
    }
}

extension TerminalSession {
    /// Types these lines, then ends its input.
    static func typing(_ lines: [String], into seen: Collected) -> TerminalSession {
        let rest = Mutex(lines)
        return TerminalSession(
            input: { () async throws(DriverFailure) in
                rest.withLock { $0.isEmpty ? nil : Array($0.removeFirst().utf8) }
            }, output: { chunk in seen.append(chunk) })
    }
}
