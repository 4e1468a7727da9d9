/// What takes bytes of a fuzzer and stops the program when a promise is broken.
///
/// libFuzzer calls `run` with bytes that it makes, `scripts/test --long` for minutes; the tests call it with the kept
/// corpus and seeded changes of that.
package struct FuzzTarget: Sendable {
    /// Also the name of the file under `Corpus`.
    package let name: String

    /// Returns whatever the bytes are; traps when what it calls does not keep a promise.
    package let run: @Sendable (_ bytes: [UInt8]) -> Void

    package static let all = [frames, framing, messages, expansion]

    package static let frames = FuzzTarget(name: "frames", run: FrameTarget.run)
    package static let framing = FuzzTarget(name: "framing", run: FramingTarget.run)
    package static let messages = FuzzTarget(name: "messages", run: MessageTarget.run)
    package static let expansion = FuzzTarget(name: "expansion", run: ExpansionTarget.run)
}
