import CLI
import Foundation
import FoundationXML
import RPC
import Testing

@Suite("huddle simulate") struct SimulateTests {
    private static let scenario = """
        for: 3h
        hosts:
          - {name: node, count: 3, cpu: 8, memory: 32GiB}
        workloads:
          - kind: vm
            name: web
            count: 3
            image: disk
            size: {cpu: 2, memory: 4GiB}
            load: {daily: {low: 10%, high: 40%, noise: 5%}}
        faults:
          - {loss: node-2, at: 2h, for: 10m}
        """

    private static func run(_ arguments: [String], scenario: String = scenario) async -> (
        Ending, Desk
    ) {
        let desk = Desk(files: ["s.yaml": scenario], environment: [:])
        let ending = await desk.run(["simulate"] + arguments) { _, _ throws(RPCStatus) in
            throw RPCStatus(.unavailable, "a simulation needs no cluster")
        }
        return (ending, desk)
    }

    @Test("the same file and seed are the same bytes, and another seed is not")
    func repeats() async throws {
        let arguments = ["s.yaml", "-o", "json", "--picture", "out.svg"]
        let (first, desk) = await Self.run(arguments)
        let (second, again) = await Self.run(arguments)
        #expect(first.status == .done, "\(first.errors)")
        #expect(first.output == second.output)
        #expect(desk.written(to: "out.svg") == again.written(to: "out.svg"))
        #expect(await Self.run(arguments + ["--seed", "2"]).0.output != first.output)
        let data = try #require(
            try JSONSerialization.jsonObject(with: Data(first.output.utf8)) as? [String: Any])
        let run = try #require(data["simulated"] as? [String: Any])
        let still = try #require(data["nothingMoved"] as? [String: Any])
        let seconds = try #require(run["hostSeconds"] as? Int)
        #expect(seconds < (still["hostSeconds"] as? Int) ?? 0)
        #expect(seconds >= (run["boundSeconds"] as? Int) ?? .max)
        #expect((data["samples"] as? [Any])?.count == 36)
    }

    @Test("the picture is XML with a row for each host and a tick for each move")
    func picture() async throws {
        let (ending, desk) = await Self.run(["s.yaml", "--picture", "out.svg"])
        #expect(ending.errors == "drew out.svg\n")
        let bytes = try #require(desk.written(to: "out.svg"))
        let reader = Elements()
        let parser = XMLParser(data: Data(bytes))
        parser.delegate = reader
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        #expect(reader.count["svg"] == 1 && reader.count["polyline"] == 2)
        #expect(reader.count["circle"] == 1, "\(reader.count)")
        let text = String(decoding: bytes, as: UTF8.self)
        for host in ["node-0", "node-1", "node-2"] { #expect(text.contains(">\(host)</text>")) }
    }

    @Test("a table has both runs side by side")
    func table() async {
        let (ending, _) = await Self.run(["s.yaml", "--for", "1h"])
        let lines = ending.output.split(separator: "\n").map(String.init)
        #expect(lines.first == "FIGURE                             SIMULATED  NOTHING MOVED")
        #expect(lines.contains { $0.hasPrefix("host-hours ") && $0.hasSuffix(" 3.0") }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("energy, kWh ") })
    }

    @Test("what is wrong with the file has its line, and nothing is simulated")
    func wrong() async {
        let wrong = Self.scenario.replacingOccurrences(of: "daily", with: "dayly")
        let (ending, _) = await Self.run(["s.yaml"], scenario: wrong)
        #expect(ending.output.isEmpty && ending.status == .failed)
        #expect(ending.errors.hasPrefix("error: nothing was simulated\nwhy: s.yaml:10:"))
        #expect(ending.errors.contains("did you mean 'daily'?"))
    }

    @Test("a picture that cannot be written and a time that cannot be are refused")
    func refused() async {
        let (ending, _) = await Self.run(["s.yaml", "--for", "20m", "--picture", "/no/where.svg"])
        #expect(ending.status == .failed && ending.errors.contains("/no/where.svg"))
        #expect(await Self.run(["s.yaml", "--for", "0s"]).0.status == .usage)
        #expect(await Self.run(["gone.yaml"]).0.errors.contains("nothing was simulated"))
    }
}

/// Counts elements by name.
private final class Elements: NSObject, XMLParserDelegate {
    var count: [String: Int] = [:]

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
    ) {
        count[name, default: 0] += 1
    }
}
