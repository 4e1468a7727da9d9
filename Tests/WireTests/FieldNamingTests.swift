import ClusterModel
import Testing
import Wire

/// What a caller reads whose message breaks a rule: the field and the model's own words.
@Suite struct FieldNamingTests {
    /// A container that is valid but for what a row adds; later fields win.
    private static let container = Draft().number(1, 2).text(2, "web").number(3, 1)
        .message(5, Draft().text(1, "nginx"))
        .message(14, Draft().number(1, 100).number(2, 64 << 20))

    private static let instance = Draft().text(1, "web-0").text(2, "web").number(6, 1)
        .message(7, Draft().number(1, 3))

    struct Row: Sendable, CustomTestStringConvertible {
        let field: String
        let problem: String
        let bytes: [UInt8]
        let decode: @Sendable ([UInt8]) throws -> Void

        init<Message: WireMessage>(
            _ type: Message.Type, _ field: String, _ problem: String, _ draft: Draft
        ) {
            self.field = field
            self.problem = problem
            bytes = draft.bytes
            decode = { _ = try Message(decoding: $0) }
        }

        var testDescription: String { field }
    }

    @Test(
        "the field is named",
        arguments: [
            Row(Workload.self, "kind", "is missing", Draft()),
            Row(Workload.self, "kind", "9 is not a value of this field", container.number(1, 9)),
            Row(Workload.self, "name", "is missing", Draft().number(1, 1)),
            Row(Workload.self, "name", "'Web' is not a name", container.text(2, "Web")),
            Row(
                Workload.self, "count", "1001 is outside 0 to 1000", container.number(3, 1001)),
            Row(Workload.self, "image", "is missing", Draft().number(1, 2).text(2, "web")),
            Row(
                Workload.self, "image.source", "is missing",
                Draft().number(1, 2).text(2, "web").message(5, Draft())),
            Row(
                Workload.self, "size.cpu", "has to be above zero",
                Draft().number(1, 2).text(2, "web").message(5, Draft().text(1, "nginx"))),
            Row(
                Workload.self, "ports[1].host", "70000 is outside 0 to 65535",
                container.message(8, Draft()).message(8, Draft().number(1, 70_000))),
            Row(
                Workload.self, "check", "is missing", container.message(9, Draft().number(5, 1))),
            Row(
                Workload.self, "check.every", "has to be at least 1s",
                container.message(9, Draft().number(2, 80).number(5, 1))),
            Row(
                Workload.self, "volumes.path", "'var' is not an absolute path",
                container.message(12, Draft().text(1, "data").text(2, "var"))),
            Row(
                Workload.self, "volumes.shared", "'srv' is not an absolute path",
                container.message(12, Draft().text(1, "data").text(2, "/var").text(3, "srv"))),
            Row(
                Workload.self, "move.allow[0]", "7 is not a value of this field",
                container.number(18, 7)),
            Row(
                ApplyRequest.self, "workloads[1].size.cpu", "has to be above zero",
                Draft().message(1, container)
                    .message(1, container.message(14, Draft()).message(14, Draft()))),
            Row(HostRequest.self, "host", "is missing", Draft()),
            Row(
                HostRequest.self, "host", "is longer than 255 bytes",
                Draft().text(1, String(repeating: "h", count: 256))),
            Row(
                Instance.self, "observed", "is missing",
                Draft().text(1, "web-0").text(2, "web").number(6, 1)),
            Row(
                Instance.self, "generation",
                "18446744073709551615 is no number that can be counted on from",
                instance.number(5, .max)),
            Row(
                Instance.self, "movedAt",
                "-9223372036854775808 is no time that can be counted with",
                instance.number(8, 1 << 63)),
            Row(
                CreateTokenRequest.self, "lifetime",
                "18446744073709551615 is no duration that can be counted with",
                Draft().number(1, .max)),
            Row(AgentMessage.self, "body", "is missing", Draft()),
            Row(
                AgentMessage.self, "hello.capacity", "is missing",
                Draft().message(1, Draft().text(3, "a"))),
            Row(
                AddImageRequest.self, "header.format", "is missing",
                Draft().message(1, Draft().text(1, "debian"))),
            Row(MakePlanRequest.self, "subject", "is missing", Draft().number(1, 3)),
            Row(Policy.self, "mode", "is missing", Draft()),
            Row(Policy.self, "demand", "is missing", Draft().number(1, 1)),
            Row(
                Policy.self, "hot.cpu", "is below ceiling.cpu: packing would make hosts hot",
                Draft().number(1, 1).number(2, 1).number(4, 800)),
        ])
    func named(_ row: Row) throws {
        let fault = #expect(throws: WireFault.self) { try row.decode(row.bytes) }
        guard case .invalid(let value) = fault else {
            Issue.record("\(String(describing: fault)) names no field")
            return
        }
        #expect(value.field == row.field)
        #expect(value.problem == row.problem)
    }

    @Test("what is unset and has a default is the default")
    func defaults() throws {
        let workload = try Workload(
            decoding: Self.container.message(8, Draft().number(1, 80).number(2, 80)).bytes)
        #expect(workload.program.restart == .always)
        #expect(workload.program.ports.map(\.transport) == [.tcp])
        #expect(workload.onHostLoss == .wait)
        #expect(workload.move == .standard)
        #expect(workload.rules == .none)
        #expect(workload.limit == Workload.Limit())
        #expect(workload.storage.cloudInit == nil)
    }

    @Test("a count of zero is zero instances")
    func zeroCount() throws {
        #expect(try Workload(decoding: Self.container.number(3, 0).bytes).count == 0)
    }

    @Test("a port with nothing set, and times past all reading, encode to what can be read")
    func clamped() throws {
        let use = Use(at: Instant(milliseconds: .max), cpu: .zero, memory: .zero)
        #expect(try Use(decoding: use.encoded()).at == Instant(milliseconds: 1 << 61))
        let token = CreateTokenRequest(lifetime: .seconds(-1))
        #expect(try CreateTokenRequest(decoding: token.encoded()).lifetime == .zero)
    }
}
