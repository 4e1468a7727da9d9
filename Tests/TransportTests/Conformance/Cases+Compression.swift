/// The part "hpack": header blocks that cannot be decoded.
extension ConformanceCase {
    static let compressionErrors: [Self] =
        section(
            .hpack, "2.3.3",
            after("an index beyond both tables", [0xc6]),
            after("a literal's name beyond both tables", [0x7f, 0x07, 0x00]))
        + section(.hpack, "4.2", after("a change of the table's size at the end", [0x21]))
        + section(
            .hpack, "5.2",
            after(
                "Huffman padding of more than seven bits", name + [0x84, 0x49, 0x50, 0x9f, 0xff]),
            after("Huffman padding of zeros", name + [0x83, 0x49, 0x50, 0x90]),
            after(
                "a Huffman string with its end inside",
                name + [0x87, 0x49, 0x51, 0xff, 0xff, 0xff, 0xfa, 0x7f]))
        + section(.hpack, "6.1", after("index 0", [0x80]))
        + section(
            .hpack, "6.3",
            Question(
                "a table larger than the server allows",
                .headers(1, enlargement + [Field].request().block),
                answer: .connectionError(.compression)))

    /// `x-test` as a new name without indexing, in Huffman's code.
    private static let name: [UInt8] = [0x00, 0x85, 0xf2, 0xb2, 0x4a, 0x84, 0xff]

    /// One octet more than the table's size unless it was announced, which this server does not.
    private static let enlargement: [UInt8] = {
        let size = [Field].integer(4_097, prefixBits: 5)
        return [0x20 | size[0]] + size.dropFirst()
    }()

    private static func after(_ title: String, _ octets: [UInt8]) -> Question {
        Question(
            title, .headers(1, [Field].request().block + octets),
            answer: .connectionError(.compression))
    }
}
