/// A name that cannot be mistaken for a name of something else; its order is the only tie-breaker.
package struct ID<Entity>: Hashable, Comparable, Sendable {
    package let rawValue: String

    package init(_ rawValue: String) { self.rawValue = rawValue }

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension ID: CustomStringConvertible {
    package var description: String { rawValue }
}

package typealias HostID = ID<Host>
package typealias WorkloadID = ID<Workload>
package typealias InstanceID = ID<Instance>
package typealias PlanID = ID<Plan>
package typealias MoveID = ID<Move>
package typealias ImageID = ID<Image>

extension ID {
    /// Longest accepted name: a DNS label, because names become host names of guests.
    package static var longestName: Int { 63 }

    /// Whether `name` is a DNS label: lower-case letters, digits and inner hyphens.
    /// - Source: RFC 1123, section 2.1.
    package static func isName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard !bytes.isEmpty, bytes.count <= longestName else { return false }
        guard bytes.first != UInt8(ascii: "-"), bytes.last != UInt8(ascii: "-") else {
            return false
        }
        return bytes.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "-")
        }
    }
}
