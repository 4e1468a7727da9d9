import Telemetry
import Testing

@Suite struct KernelTextTests {
    @Test(
        "the number after a key at the start of a line",
        arguments: [
            ("file 1\nfile_mapped 2\n", "file", 1),
            ("file_mapped 2\nfile 1\n", "file", 1),
            ("total_inactive_file 3\ninactive_file 4\n", "inactive_file", 4),
            ("MemTotal:     24684084 kB\n", "MemTotal", 24_684_084),
            ("a 18446744073709551615", "a", UInt64.max),
            ("a 99999999999999999999999", "a", UInt64.max),
            ("a -1\n", "a", nil),
            ("a\nb 2\n", "a", nil),
            ("a \n2\n", "a", nil),
            ("a=1\n", "a", nil),
            ("", "a", nil),
            ("\u{0}a 1\n", "a", nil),
        ] as [(String, String, UInt64?)])
    func value(text: String, key: String, expected: UInt64?) throws {
        let scene = try Scene(["/file": text])
        #expect(scene.files.read("/file") { $0.value(of: key) } == expected)
    }

    @Test("a number never comes from the next line")
    func numberStaysInLine() throws {
        let scene = try Scene(["/file": "x\n5\n"])
        let found = scene.files.read("/file") { text -> [UInt64?] in
            text.skip(words: 1)
            let first = text.number()
            return [first, text.nextLine() ? text.number() : nil, text.nextLine() ? 1 : nil]
        }
        #expect(found == [nil, 5, nil])
    }

    @Test("words and parts end where they should")
    func wordsAndParts() throws {
        let scene = try Scene(["/file": "  eth0:7 rest\nno colon\n"])
        let found = scene.files.read("/file") { text -> [String?] in
            let part = text.part(before: ":")
            let words = [text.word(), text.word(), text.word()]
            return [part] + words + [text.nextLine() ? text.part(before: ":") : "none"]
        }
        #expect(found == ["eth0", "7", "rest", nil, nil])
    }

    @Test("a file longer than the limit is cut, not refused")
    func cut() throws {
        let scene = try Scene(["/file": "123456789"])
        #expect(scene.files.read("/file", upTo: 4) { $0.number() } == 1234)
    }

    @Test("what cannot be read is nothing", arguments: ["/missing", "/directory"])
    func unreadable(path: String) throws {
        let scene = try Scene(["/directory/file": ""])
        #expect(scene.files.word(in: path) == nil)
        #expect(scene.files.number(in: path) == nil)
    }
}
