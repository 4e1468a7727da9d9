import Foundation
import Testing

extension LabTests {
    private static let script = "i=0; while :; do i=$((i+1)); echo count $i; sleep 1; done"

    @Test(
        "followed logs and an open console go on over live moves, and the history goes along",
        .timeLimit(.minutes(5)))
    func followed() async throws {
        try await cluster.apply(
            Spec(
                name: "tick", command: ["/bin/sh", "-c", Self.script],
                more: ["move: {allow: [live]}"]), on: "lab-1")
        var machine = Spec.machine("tock")
        machine.more = ["move: {allow: [live], downtime: 300ms}"]
        try await cluster.apply(machine, on: "lab-1")
        try await cluster.running("tick-0", "tock-0")
        try await startCounting("tock-0")

        async let tick = soFar("logs", "-f", "tick-0")
        async let tock = soFar("logs", "-f", "tock-0", "--tail", "100000")
        // They have begun by the time in which this many more lines are there.
        try await counts("tick-0", 5)
        async let console = soFar("console", "tock-0")
        try await counts("tock-0", 5)
        for instance in ["tick-0", "tock-0"] {
            try await cluster.run("migrate", instance, "--to", "lab-2", within: .seconds(90))
            try await counts(instance, 5)
        }
        for followed in try await [tick, tock] { expectCount(followed.output, moves: 1) }
        let shown = try await console
        let line = "tock-0 moved from lab-1 to lab-2"
        #expect(shown.errors.components(separatedBy: line).count == 2, "\(shown)")
        let last = numbers(shown.output).last ?? 0
        #expect(last > 10 && numbers(shown.output).contains(last - 1), "\(shown)")

        // And what came along goes on from there.
        for instance in ["tick-0", "tock-0"] {
            try await cluster.run("migrate", instance, "--to", "lab-3", within: .seconds(90))
            try await counts(instance, 3)
            // It is fetched a moment after the move.
            try await cluster.must("the earlier log of \(instance)") {
                let log = try await cluster.run("logs", instance).output
                return numbers(log).first == 1 && log.contains("moved from lab-1 to lab-2 at ")
                    && log.contains("moved from lab-2 to lab-3 at ")
            }
            expectCount(try await cluster.run("logs", instance).output, moves: 2)
        }
        let tail = try await cluster.run("logs", "tick-0", "--tail", "1").output
        #expect(tail.split(whereSeparator: \.isNewline).count == 1, "\(tail)")
        try await onlyCopies(["tick-0", "tock-0"])
    }

    /// What it wrote in the time that two moves may take.
    private func soFar(_ arguments: String...) async throws -> Command.Ended {
        do {
            return try await Command(
                executable: Lab.program, arguments: arguments, limit: .seconds(90)
            ).run()
        } catch let overdue as Command.Overdue {
            return overdue.ended
        }
    }

    /// What is typed while a guest boots loses its beginning; once it answers, nothing does.
    private func startCounting(_ instance: String) async throws {
        try await types("", to: instance, until: "on-42")
        // What is typed twice begins one count all the same.
        try await types(
            "[ -e /tmp/on ] || { touch /tmp/on; (\(Self.script)) & }", to: instance,
            until: "count 2")
    }

    private func types(_ line: String, to instance: String, until answer: String) async throws {
        try await cluster.must("\(instance) says \(answer)", within: .seconds(120)) {
            let shown = try await Command(
                executable: Lab.program, arguments: ["console", instance],
                input: "\n\(line)\necho on-$((6 * 7))\n", limit: .seconds(5)
            ).outputSoFar()
            return shown.contains(answer)
        }
    }

    /// Waits until the instance has counted so much further.
    private func counts(_ instance: String, _ further: Int) async throws {
        func last() async throws -> Int {
            numbers(try await cluster.run("logs", instance, "--tail", "20").output).last ?? 0
        }
        let now = try await last()
        try await cluster.must("\(instance) counts on") { try await last() >= now + further }
    }

    /// All numbers once and in order, with as many lines between that tell of a move.
    private func expectCount(_ log: String, moves: Int) {
        let plain = String(String.UnicodeScalarView(log.unicodeScalars.filter { $0 != "\r" }))
        let marker = /--- moved from lab-\d to lab-\d at \S+Z ---\n/
        let parts = plain.split(separator: marker, omittingEmptySubsequences: false)
        #expect(parts.count == moves + 1, "\(log)")
        // A guest may stop in the middle of a line, which the line that tells of it then divides.
        let divided = parts.map { $0.hasSuffix("\n") ? $0.dropLast() : $0 }.joined()
        let counted = [parts.joined(), divided].map { numbers($0) }
        #expect(counted.contains { $0 == Array(1...max(1, $0.count)) && $0.count > 5 }, "\(log)")
    }

    private func numbers(_ text: String) -> [Int] {
        text.matches(of: /count (\d+)\s/).compactMap { Int($0.1) }
    }
}
