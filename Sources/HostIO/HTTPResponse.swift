/// The first part of an answer.
package struct HTTPResponseHead: Hashable, Sendable {
    package let status: Int
    package let headers: [HTTPRequest.Header]

    package init(status: Int, headers: [HTTPRequest.Header] = []) {
        self.status = status
        self.headers = headers
    }

    package var isSuccess: Bool { (200..<300).contains(status) }

    /// The value of the first field of this name, whatever its case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// A whole answer.
package struct HTTPResponse: Hashable, Sendable {
    package let head: HTTPResponseHead
    package let body: [UInt8]

    package init(head: HTTPResponseHead, body: [UInt8]) {
        self.head = head
        self.body = body
    }
}
