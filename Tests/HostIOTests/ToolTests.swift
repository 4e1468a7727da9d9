import HostIO
import Testing

@Suite(.timeLimit(.minutes(1))) struct ToolTests {
    private func shell(_ script: String, input: [UInt8] = []) async throws -> Tool.Outcome {
        try await Tool.run("/bin/sh", ["-c", script], input: input)
    }

    @Test func outputErrorAndCodeComeBack() async throws {
        let outcome = try await shell("cat; echo wrong >&2; exit 3", input: Array("typed".utf8))
        #expect(outcome.text == "typed")
        #expect(outcome.complaint == "wrong")
        #expect(outcome.status == .exited(3))
    }

    @Test func signalIsTold() async throws {
        let outcome = try await shell("kill -TERM $$")
        #expect(outcome.status == .killed(signal: 15))
        #expect(outcome.status.code == 143)
    }

    @Test func muchInputAndOutputDoNotBlockEachOther() async throws {
        let input = [UInt8](repeating: 7, count: 3 << 20)
        let outcome = try await Tool.run("/bin/cat", [], input: input, outputLimit: 4 << 20)
        #expect(outcome.output == input)
    }

    @Test func outputPastTheLimitIsDropped() async throws {
        let outcome = try await Tool.run(
            "/bin/sh", ["-c", "head -c 1000000 /dev/zero; exit 5"], outputLimit: 10)
        #expect(outcome.output.count == 10)
        #expect(outcome.status == .exited(5))
    }

    @Test func missingProgramIsNamed() async throws {
        await #expect(throws: ProcessFailure.cannotStart("/no/such/program", code: 2)) {
            _ = try await Tool.run("/no/such/program", [])
        }
    }

    @Test func lateToolIsKilled() async throws {
        let begin = ContinuousClock.now
        await #expect(throws: ProcessFailure.timedOut("/bin/sleep", .milliseconds(50))) {
            _ = try await Tool.run("/bin/sleep", ["1000"], within: .milliseconds(50))
        }
        #expect(ContinuousClock.now - begin < .seconds(30))
    }

    /// A script that waits for a command of its own: the command holds the pipe, and says its number there.
    @Test func whatALateToolStartedEndsWithIt() async throws {
        let name = "huddle-tool-\(UInt32.random(in: 0...UInt32.max))"
        let file = "/tmp/\(name)"
        defer { try? HostFile.remove(file) }
        await #expect(throws: ProcessFailure.self) {
            _ = try await Tool.run(
                "/bin/sh",
                ["-c", "sleep 1000 & echo $! > \(file).new; mv \(file).new \(file); wait"],
                within: .seconds(2))
        }
        let process = try #require(Int32(try HostFile.text(file).filter(\.isNumber)))
        if let identity = ProcessIdentity.current(of: process),
            let handle = ProcessHandle(identity)
        {
            #expect(await handle.ended())
        }
    }

    @Test func childHasNothingOfOurs() async throws {
        let outcome = try await shell("ls /proc/self/fd; env | cut -d = -f 1 | sort")
        // ls opens the directory it lists as its own fourth.
        #expect(outcome.text.split(separator: "\n").prefix(4) == ["0", "1", "2", "3"])
        #expect(!outcome.text.contains("HOME"))
    }

    @Test func endOfSomebodyElsesProcessIsNoticed() async throws {
        let outcome = try await shell("sleep 1000 > /dev/null 2>&1 & echo $!")
        let process = try #require(Int32(outcome.text.filter(\.isNumber)))
        let identity = try #require(ProcessIdentity.current(of: process))
        let handle = try #require(ProcessHandle(identity))
        #expect(handle.isRunning)
        #expect(handle.signal(.kill))
        #expect(await handle.ended())
        #expect(!handle.isRunning)
        #expect(ProcessHandle(identity) == nil)
    }

    @Test func anotherProcessOfTheSameNumberIsNotTaken() {
        let own = ProcessIdentity(process: 1, startTicks: UInt64.max, bootID: "no boot")
        #expect(ProcessHandle(own) == nil)
        #expect(!own.isRunning)
    }
}
