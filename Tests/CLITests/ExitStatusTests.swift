import CLI
import ClusterModel
import RPC
import Testing
import Wire

@Suite struct ExitStatusTests {
    @Test(
        "a call's end is the command's exit code",
        arguments: [
            (.notFound, 4), (.failedPrecondition, 5), (.aborted, 5), (.alreadyExists, 5),
            (.permissionDenied, 6),
            (.unauthenticated, 6), (.unavailable, 7), (.deadlineExceeded, 3), (.invalidArgument, 1),
            (.internal, 1),
            (.unknown, 1), (.unimplemented, 1), (.resourceExhausted, 1), (.cancelled, 1),
            (.dataLoss, 1),
            (.outOfRange, 1),
        ] as [(RPCStatus.Code, Int32)])
    func codes(code: RPCStatus.Code, expected: Int32) async throws {
        var access = try ClusterAccess.sample()
        access.listHosts = { _ throws(RPCStatus) in throw RPCStatus(code, "because of this") }
        let ending = await Desk().run(["hosts"], access)
        #expect(ending.status.code == expected)
        let lines = ending.errors.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.first == "error: could not list the hosts")
        #expect(lines.dropFirst().first == "why: because of this")
        #expect(lines.last?.hasPrefix("try: ") == true)
        #expect(ending.output.isEmpty)
    }

    @Test("no coordinator")
    func unreachable() async {
        let ending = await Desk().run(["hosts"]) { _, _ throws(RPCStatus) in
            throw RPCStatus(.unavailable, "connection refused")
        }
        #expect(ending.status == .unreachable)
        #expect(
            ending.errors.hasPrefix(
                "error: could not reach the coordinator of 'lab' at 10.77.0.2:7440\nwhy: connection refused\n"
            ))
    }

    @Test("no context, and one that others can read")
    func context() async throws {
        let missing = await Desk(environment: ["HOME": "/home/a"]).run(["hosts"], try .sample())
        #expect(missing.status == .failed)
        #expect(
            missing.errors.hasPrefix(
                "error: could not read the context /home/a/.config/huddle/context.yaml\n"))
        let named = await Desk(environment: ["HOME": "/h"]).run(
            ["hosts", "--context", "lab"], try .sample())
        #expect(
            named.errors.hasPrefix("error: could not read the context /h/.config/huddle/lab.yaml\n")
        )
        let open = Desk(files: ["/open/a.yaml": Desk.context])
        let told = await open.run(["--context", "/open/a.yaml", "hosts"], try .sample())
        #expect(told.status == .done)
        #expect(told.errors.contains("chmod 600 /open/a.yaml"))
    }

    @Test(
        "mistakes in the command line",
        arguments: [
            ["frobnicate"], ["hosts", "--colour"], ["get", "a", "b"], ["exec", "web"], ["apply"],
            ["hosts", "-o", "xml"], ["plan", "--drain", "a", "--relieve", "b"],
            ["plan", "--drain", "a", "--repair"],
            ["image", "add", "a"],
            ["image", "add", "a", "b", "--kernel", "c"], ["migrate", "web", "--mode", "warp"],
            ["token", "create", "--ttl", "5"], ["logs", "web", "--tail", "-1"], ["policy", "set"],
            ["host"],
            ["events", "-n", "-1"],
        ])
    func usage(arguments: [String]) async throws {
        let ending = await Desk().run(arguments, try .sample())
        let isHelp = arguments == ["host"]
        #expect(ending.status == (isHelp ? .done : .usage), "\(ending.errors)")
        guard !isHelp else { return }
        #expect(ending.output.isEmpty)
        let lines = ending.errors.split(separator: "\n")
        #expect(
            lines.first?.hasPrefix("error: ") == true
                && lines.last?.hasPrefix("try: huddle") == true, "\(ending.errors)")
    }

    @Test(
        "a misspelt command",
        arguments: [("hots", "hosts"), ("aply", "apply"), ("polcy", "policy")])
    func misspelt(word: String, meant: String) async throws {
        let ending = await Desk().run([word], try .sample())
        #expect(ending.status == .usage)
        #expect(ending.errors.hasPrefix("error: there is no command '\(word)'\n"))
        #expect(ending.errors.hasSuffix("try: huddle \(meant)\n"))
    }

    @Test("help goes to standard output")
    func help() async throws {
        let ending = await Desk().run(["--help"], try .sample())
        #expect(ending.status == .done && ending.errors.isEmpty)
        #expect(ending.output.contains("Exit codes: 0 done"))
    }

    @Test("a word that means several instances, one that means none")
    func names() async throws {
        let several = await Desk().run(["logs", "mail"], try .sample())
        #expect(several.status == .usage)
        #expect(several.errors.contains("try: name one of: mail-0, mail-1"))
        let none = await Desk().run(["logs", "wbe-0"], try .sample())
        #expect(none.status == .notFound)
        #expect(none.errors.contains("try: did you mean 'web-0'?"))
        let host = await Desk().run(["restore", "lab2"], try .sample())
        #expect(host.status == .notFound && host.errors.contains("did you mean 'lab-2'?"))
    }
}
