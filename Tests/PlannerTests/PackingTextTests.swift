import Planner
import Testing

/// What is read from text, and what is refused with which line.
@Suite struct PackingTextTests {
    @Test("a problem is read")
    func reads() throws {
        let problem = try PackingText.problem(Array("2\n10 20\n2\n1 2 3\n10 0 1\n".utf8))
        #expect(problem.capacities == [10, 20])
        #expect(problem.items == 4)
        #expect(problem.sizes == [1, 2, 1, 2, 1, 2, 10, 0])
    }

    @Test("no items are a problem too")
    func none() throws {
        #expect(try PackingText.problem(Array("1 5 0".utf8)).items == 0)
        #expect(try PackingText.problem(Array("1 5 1 3 0".utf8)).items == 0)
    }

    @Test(
        "bad text",
        arguments: [
            ("", 1, "the text ends before the number of resources"),
            ("0\n", 1, "no resources"),
            ("65\n", 1, "65 resources, more than 64"),
            ("x\n", 1, "'x' is not a whole number from 0 on"),
            ("2\n10", 2, "the text ends before all capacities"),
            ("1\n-5\n0", 2, "'-5' is not a whole number from 0 on"),
            ("1\nNaN\n0", 2, "'NaN' is not a whole number from 0 on"),
            ("1\n1e3\n0", 2, "'1e3' is not a whole number from 0 on"),
            ("1\n18446744073709551616\n0", 2, "18446744073709551616 is too large"),
            ("1\n4611686018427387905\n0", 2, "4611686018427387905 is too large"),
            ("1\n10\n2000001\n", 3, "2000001 is too large"),
            ("1\n10\n2\n3 1\n", 5, "the text ends before all items"),
            ("1\n10\n1\n3", 4, "the text ends before the count of an item"),
            ("1\n10\n1\n11 1\n", 4, "item 0 is larger than a bin in resource 0"),
            ("1\n10\n2\n1 1\n1 2000000\n", 5, "2000000 is too large"),
            ("1\n10\n1\n1 18446744073709551615\n", 4, "18446744073709551615 is too large"),
            ("1\n10\n1\n1 1\n\n7\n", 6, "'7' after the last item"),
            ("1\n10\n1\n\u{663}\u{664} 1\n", 4, "'\u{663}\u{664}' is not a whole number from 0 on"),
        ])
    func refuses(text: String, line: Int, reason: String) {
        let fault = #expect(throws: PackingText.Fault.self) {
            try PackingText.problem(Array(text.utf8))
        }
        #expect(fault?.description.contains(reason) == true, "\(fault?.description ?? "")")
        #expect(fault?.line == line)
    }

    @Test("a problem in values is refused as well")
    func values() {
        #expect(throws: PackingProblem.Flaw.noResources) {
            try PackingProblem(capacities: [], items: [])
        }
        #expect(throws: PackingProblem.Flaw.itemTooLarge(item: 1, resource: 0)) {
            try PackingProblem(capacities: [4], items: [[4], [5]])
        }
        #expect(throws: PackingProblem.Flaw.wrongNumberOfSizes(item: 0)) {
            try PackingProblem(capacities: [4, 4], items: [[1]])
        }
        #expect(throws: PackingProblem.Flaw.capacityTooLarge(resource: 0)) {
            try PackingProblem(capacities: [.max], items: [[1]])
        }
    }

    @Test("a packing that is none is told")
    func violations() throws {
        let problem = try PackingProblem(capacities: [4, 9], items: [[1, 5], [2, 5]])
        #expect(Packing(binOf: [0]).violation(of: problem) == .itemsMissing(expected: 2, packed: 1))
        #expect(Packing(binOf: [3, 3]).violation(of: problem) == .overfull(bin: 0, resource: 1))
        #expect(Packing(binOf: [3, 1]).violation(of: problem) == nil)
    }
}
