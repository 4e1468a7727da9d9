import Testing
import Wire

/// Every message, written by Google's own protobuf and read by us.
@Suite(
    .enabled(
        if: ForeignProtobuf.python != nil, "HUDDLE_TEST_PYTHON names no python with grpcio-tools")
) struct ForeignBytesTests {
    /// Values of each message.
    private static let seeds = UInt64(0)..<60

    private struct Sample {
        let subject: Subject
        let seed: UInt64
        let bytes: [UInt8]

        func question(_ verb: String) -> String {
            "\(verb) \(subject.name) \(ForeignProtobuf.hexadecimal(bytes))"
        }
    }

    private static let samples = Subject.all.flatMap { subject in
        seeds.map { Sample(subject: subject, seed: $0, bytes: subject.bytes($0)) }
    }

    @Test("the bytes of every message are the same from both, and leave no field or enum value out")
    func same() throws {
        let questions = Self.samples.map { $0.question("again") } + ["unseen - -"]
        var answers = try ForeignProtobuf.ask(questions)
        #expect(answers.popLast() == "", "no sample has these")
        try #require(answers.count == Self.samples.count)
        for (sample, answer) in zip(Self.samples, answers) {
            let ours = ForeignProtobuf.hexadecimal(sample.bytes)
            #expect(ours == answer, "\(sample.subject.name), seed \(sample.seed)")
        }
    }

    @Test(
        "every message is read to the same value, whatever the order of its fields and whatever a later protocol adds",
        arguments: ["again", "backwards", "newer"])
    func read(verb: String) throws {
        let answers = try ForeignProtobuf.ask(Self.samples.map { $0.question(verb) })
        try #require(answers.count == Self.samples.count)
        for (sample, answer) in zip(Self.samples, answers) {
            let bytes = try #require(ForeignProtobuf.octets(answer), "\(answer)")
            let place = "\(sample.subject.name), seed \(sample.seed)"
            do throws(WireFault) {
                let isSame = try sample.subject.reads(bytes, sample.seed)
                #expect(isSame, "\(place)")
            } catch {
                Issue.record("\(place): \(error)")
            }
        }
    }
}
