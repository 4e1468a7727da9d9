/// The text form of packing problems: resources; capacities; kinds of items; then for each kind its
/// sizes and how many there are. Numbers are decimal and stand between blanks and line ends.
/// - Source: the `.vbp` files of VPSolver and Vectorpack.
package enum PackingText {
    /// What is wrong, and in which line.
    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package let line: Int
        package let reason: Reason

        package var description: String { "line \(line): \(reason)" }
    }

    package enum Reason: Hashable, Sendable, CustomStringConvertible {
        case ends(before: String)
        case notANumber(String)
        case tooLarge(String)
        case goesOn(String)
        case flaw(PackingProblem.Flaw)

        package var description: String {
            switch self {
            case .ends(let before): "the text ends before \(before)"
            case .notANumber(let text): "'\(text)' is not a whole number from 0 on"
            case .tooLarge(let text): "\(text) is too large"
            case .goesOn(let text): "'\(text)' after the last item"
            case .flaw(let flaw): "\(flaw)"
            }
        }
    }

    package static func problem(_ text: [UInt8]) throws(Fault) -> PackingProblem {
        var words = Words(text)
        let dimensions = try words.number("the number of resources", most: 1 << 20)
        guard dimensions > 0 else { throw words.fault(.flaw(.noResources)) }
        guard dimensions <= PackingProblem.mostResources else {
            throw words.fault(.flaw(.tooManyResources(Int(dimensions))))
        }
        var capacities: [UInt64] = []
        for _ in 0..<dimensions {
            capacities.append(
                try words.number("all capacities", most: PackingProblem.largestCapacity))
        }
        let kinds = try words.number("the number of items", most: UInt64(PackingProblem.mostItems))
        var sizes: [UInt64] = []
        var items = 0
        for _ in 0..<kinds {
            var kind: [UInt64] = []
            for (resource, capacity) in capacities.enumerated() {
                let size = try words.number("all items", most: .max)
                guard size <= capacity else {
                    throw words.fault(.flaw(.itemTooLarge(item: items, resource: resource)))
                }
                kind.append(size)
            }
            let count = try words.number("the count of an item", most: .max)
            guard count <= PackingProblem.mostItems - items,
                (items + Int(count)) * capacities.count <= PackingProblem.mostSizes
            else { throw words.fault(.tooLarge("\(count)")) }
            items += Int(count)
            for _ in 0..<count { sizes.append(contentsOf: kind) }
        }
        if let word = words.next() { throw words.fault(.goesOn(word)) }
        do { return try PackingProblem(capacities: capacities, sizes: sizes) } catch {
            throw words.fault(.flaw(error))
        }
    }

    private struct Words {
        private let text: [UInt8]
        private var place = 0
        private var line = 1

        init(_ text: [UInt8]) { self.text = text }

        func fault(_ reason: Reason) -> Fault { Fault(line: line, reason: reason) }

        mutating func next() -> String? {
            while place < text.count, Self.isBlank(text[place]) {
                if text[place] == UInt8(ascii: "\n") { line += 1 }
                place += 1
            }
            let start = place
            while place < text.count, !Self.isBlank(text[place]) { place += 1 }
            guard start < place else { return nil }
            return String(decoding: text[start..<place].prefix(40), as: UTF8.self)
        }

        mutating func number(_ what: String, most: UInt64) throws(Fault) -> UInt64 {
            guard let word = next() else { throw fault(.ends(before: what)) }
            guard word.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
            else { throw fault(.notANumber(word)) }
            guard let number = UInt64(word), number <= most else { throw fault(.tooLarge(word)) }
            return number
        }

        private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
    }
}
