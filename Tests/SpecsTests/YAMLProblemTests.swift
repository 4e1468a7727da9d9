import Specs
import Testing

@Suite struct YAMLProblemTests {
    @Test("broken YAML is placed, and other documents are read on")
    func broken() {
        let lines = problems("kind: [vm\n---\ncolour: red\n")
        #expect(lines.first?.hasPrefix("2:1: did not find expected") == true, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("3:1: colour: unknown key") })
    }

    @Test("a key twice is placed at the second")
    func keyTwice() {
        #expect(
            problems("---\n" + container("count: 1", "labels: {a: b}", "count: 2")) == [
                "8:1: the key 'count' is given twice (first given in line 6)"
            ])
    }

    @Test("a tab")
    func tab() {
        let lines = problems("kind: vm\n\tname: a\n")
        #expect(lines.count == 1 && lines.first?.hasPrefix("2:1: ") == true, "\(lines)")
    }

    @Test("aliases of aliases stay finite")
    func aliases() {
        let letters = Array("abcdefghi")
        var text = "a: &a [x, x, x, x, x, x, x, x, x]\n"
        for (previous, letter) in zip(letters, letters.dropFirst()) {
            let list = Array(repeating: "*\(previous)", count: 9).joined(separator: ", ")
            text += "\(letter): &\(letter) [\(list)]\n"
        }
        let lines = problems(text)
        #expect(lines.count == 1)
        #expect(lines.first?.contains("more than 20000 values") == true, "\(lines)")
    }

    @Test("an alias without an anchor, also one of another document")
    func undefined() {
        #expect(problems("labels: *nowhere").first?.hasPrefix("1:9: found undefined alias") == true)
        let other = container("labels: &own {a: b}") + "---\n" + vm("labels: *own")
        #expect(problems(other).first?.hasPrefix("11:9: found undefined alias") == true)
    }

    @Test("depth")
    func depth() {
        let text = "a: " + String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        #expect(problems(text) == ["1:15: nested more than 12 levels deep"])
        let deeper = "a: " + String(repeating: "[", count: 100_000)
        #expect(problems(deeper).count == 1)
    }

    @Test("size and number of documents")
    func size() {
        #expect(problems(String(repeating: "# 0123456789\n", count: 90_000)).count == 1)
        #expect(problems(String(repeating: "---\n", count: 1_001)).count == 1)
    }

    @Test("no more problems than a person reads")
    func bounded() {
        let text = container() + (0..<500).map { "x\($0): 1\n" }.joined()
        #expect(problems(text).count == SpecLimits.problems)
    }

    @Test("a document that is no mapping", arguments: ["- a\n", "just words\n"])
    func noMapping(text: String) {
        let lines = problems(text)
        #expect(
            lines.count == 1 && lines.first?.contains("has to be a mapping") == true, "\(lines)")
    }
}
