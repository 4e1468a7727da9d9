import CLI
import ClusterModel
import RPC
import Testing
import Wire

@Suite struct TerminalTests {
    private let terminal = Terminal(inputIsTerminal: true, outputIsTerminal: true)

    @Test("exec passes streams and the exit code on")
    func exec() async throws {
        let desk = Desk()
        let ending = await desk.run(
            ["exec", "web", "--", "sh", "-c", "exit 42", "-o"], try .sample(desk))
        #expect(ending.status.code == 42)
        #expect(ending.output == "out\n" && ending.errors == "err\n")
        #expect(desk.noted.first == #"start web-0 ["sh", "-c", "exit 42", "-o"] false"#)
        #expect(!desk.noted.contains("raw"))
    }

    @Test("-it gives a terminal and takes it back")
    func interactive() async throws {
        let desk = Desk(terminal: terminal)
        let ending = await desk.run(["exec", "web-0", "-it", "--", "sh"], try .sample(desk))
        #expect(ending.status.code == 42)
        #expect(desk.noted.contains(#"start web-0 ["sh"] true"#))
        #expect(desk.noted.contains("raw") && desk.noted.contains("cooked"))
        let without = await Desk().run(["exec", "web-0", "-it", "--", "sh"], try .sample())
        #expect(without.status == .notAttached)
    }

    @Test(
        "our own failures are 125",
        arguments: [
            RPCStatus(.notFound, "gone"), RPCStatus(.unavailable, "away"),
            RPCStatus(.permissionDenied, "no"),
        ])
    func ours(status: RPCStatus) async throws {
        var access = try ClusterAccess.sample()
        access.exec = { _ throws(RPCStatus) in throw status }
        let ending = await Desk().run(["exec", "web-0", "--", "true"], access)
        #expect(ending.status == .notAttached)
        #expect(
            ending.errors.hasPrefix(
                "error: could not run 'true' in web-0\nwhy: \(status.message)\n"))
        access.exec = { _ in
            TerminalSession(
                send: { _ in }, next: { .end(AttachEnd(exitCode: 127, failure: "no such program")) }
            )
        }
        let failed = await Desk().run(["exec", "web-0", "--", "tru"], access)
        #expect(failed.status == .notAttached && failed.errors.contains("why: no such program"))
    }

    @Test("input goes to the command, and its end too")
    func input() async throws {
        let desk = Desk(keys: [Array("a\n".utf8), Array("b\n".utf8)])
        var access = try ClusterAccess.sample(desk)
        let closed = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        access.exec = { _ in
            TerminalSession(
                send: { request in
                    desk.note("send \(request)")
                    if request == .closed { closed.continuation.finish() }
                },
                next: {
                    for await _ in closed.stream {}
                    return .end(AttachEnd(exitCode: 0))
                })
        }
        let ending = await desk.run(["exec", "web-0", "-i", "--", "cat"], access)
        #expect(ending.status == .done)
        #expect(desk.noted == ["send bytes([97, 10])", "send bytes([98, 10])", "send closed"])
    }

    @Test("Ctrl-] leaves a console, and what was typed before it arrives")
    func escape() async throws {
        let desk = Desk(terminal: terminal, keys: [[0x61, 0x1D, 0x62]])
        var access = try ClusterAccess.sample(desk)
        access.console = { _ in
            TerminalSession(
                send: { request in desk.note("send \(request)") },
                next: {
                    // Silent until the user leaves.
                    try? await Task.sleep(for: .seconds(3600))
                    return nil
                })
        }
        let ending = await desk.run(["console", "web"], access)
        #expect(ending.status == .done)
        #expect(desk.noted == ["raw", "send bytes([97])", "cooked"])
        #expect(ending.errors.hasPrefix("joined the console of web-0; Ctrl-] leaves it\n"))
    }

    @Test("a console that breaks off is our failure")
    func broken() async throws {
        var access = try ClusterAccess.sample()
        access.console = { _ in TerminalSession(send: { _ in }, next: { nil }) }
        let ending = await Desk().run(["console", "web"], access)
        #expect(ending.status == .notAttached)
    }
}
