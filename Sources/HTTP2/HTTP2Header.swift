/// One header field; the name is lower case, pseudo-header fields begin with a colon.
package struct HTTP2Header: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
