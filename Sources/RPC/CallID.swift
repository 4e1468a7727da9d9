/// Names a call on its connection.
package struct CallID: Hashable, Sendable {
    /// The HTTP/2 stream.
    let stream: Int32
}
