import Testing

extension LabTests {
    @Test("logs, and commands with their exit codes and input", .timeLimit(.minutes(2)))
    func logsAndExec() async throws {
        let chatty = [
            "/bin/sh", "-c",
            "for n in 1 2 3; do echo line $n; done; echo trouble >&2; trap 'exit 0' TERM; sleep 100000 & wait",
        ]
        try await cluster.apply(Spec(name: "box", command: chatty), on: "lab-3")
        try await cluster.must("what it wrote") {
            let logs = try await cluster.run("logs", "box-0")
            return logs.output == "line 1\nline 2\nline 3\n" && logs.errors.contains("trouble")
        }
        let tail = try await cluster.run("logs", "box-0", "--tail", "2")
        #expect(tail.output + tail.errors == "line 3\ntrouble\n", "\(tail)")

        try await cluster.run("exec", "box-0", "--", "/bin/sh", "-c", "exit 42", ending: 42)
        let echo = try await cluster.run(
            "exec", "box-0", "-i", "--", "/bin/cat", input: "through and back\n")
        #expect(echo.output == "through and back\n", "\(echo)")
        let both = try await cluster.run(
            "exec", "box-0", "--", "/bin/sh", "-c", "echo out; echo err >&2")
        #expect(both.output == "out\n" && both.errors == "err\n", "\(both)")
        // As shells and Podman have it.
        try await cluster.run("exec", "box-0", "--", "/bin/no-such-program", ending: 127)
        try await cluster.run("logs", "nobody-0", ending: 4)
    }

    @Test("a VM's console takes a command and shows what it says", .timeLimit(.minutes(3)))
    func console() async throws {
        try await cluster.apply(.machine("vm"), on: "lab-1")
        try await cluster.running("vm-0")
        // A guest under software emulation boots in seconds or, on a busy machine, in many; until then nobody answers.
        try await cluster.must("the shell on the console answers", within: .seconds(120)) {
            let answer = try await Command(
                executable: Lab.program, arguments: ["console", "vm-0"],
                input: "\necho $((6 * 7))-is-the-answer\n", limit: .seconds(5)
            ).outputSoFar()
            return answer.contains("42-is-the-answer")
        }
    }
}
