import Testing

/// One question to the server: what is sent, and what is accepted as its answer.
struct ConformanceCase: Sendable {
    /// The three parts of h2spec, by purpose, by RFC 7540 and by RFC 7541, and what it does not ask.
    enum Part: String, CaseIterable, Sendable {
        case generic
        case http2
        case hpack
        case further
    }

    enum Step: Sendable {
        case send([UInt8])
        case expect(Answer)
        /// Opens one stream more than the server's SETTINGS allow.
        case exceedStreams

        static func frames(_ frames: RawFrame...) -> Self { .send(frames.flatMap(\.bytes)) }
    }

    let part: Part

    /// The section's number, as in its document; RFC 9113 has kept those of RFC 7540 up to 7.
    let section: String
    let title: String

    /// Whether prefaces and SETTINGS are exchanged before.
    let isGreeted: Bool
    let steps: [Step]

    var name: String { "\(part.rawValue) \(section) \(title)" }

    /// Asks the question.
    func run(port: Int) throws {
        let peer = try RawPeer(port: port, patience: .seconds(20))
        if isGreeted { try peer.greet() }
        for step in steps {
            switch step {
            case .send(let bytes): try peer.send(bytes)
            case .expect(let answer): try peer.expect(answer)
            case .exceedStreams:
                let most = peer.settings[Setting.maxConcurrentStreams.rawValue] ?? 0
                guard most > 0 else { throw RawPeer.Failure(description: "no limit announced") }
                let block = [Field].request(Responder.wait).block
                let streams = (0...most).map { RawFrame.headers($0 * 2 + 1, block) }
                try peer.send(streams.flatMap(\.bytes))
            }
        }
    }
}

extension ConformanceCase: CustomTestStringConvertible {
    var testDescription: String { name }
}

/// A question before it knows its section.
struct Question: Sendable {
    let title: String
    let isGreeted: Bool
    let steps: [ConformanceCase.Step]

    /// What is sent at once after the greeting, and the answer.
    init(_ title: String, _ frames: RawFrame..., answer: Answer) {
        self.init(title, steps: [.send(frames.flatMap(\.bytes)), .expect(answer)])
    }

    init(_ title: String, isGreeted: Bool = true, steps: [ConformanceCase.Step]) {
        self.title = title
        self.isGreeted = isGreeted
        self.steps = steps
    }
}

extension ConformanceCase {
    static func section(
        _ part: Part, _ section: String, _ questions: Question...
    ) -> [Self] {
        questions.map { question in
            ConformanceCase(
                part: part, section: section, title: question.title,
                isGreeted: question.isGreeted, steps: question.steps)
        }
    }
}
