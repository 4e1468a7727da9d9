import CNghttp2

/// Header fields in the form that libnghttp2 takes, alive for the length of one call.
enum HeaderBlock {
    /// Calls `body` with `headers` as an array of name and value pointers, on the stack.
    ///
    /// The library copies both before it returns (no `NO_COPY` flag), so nothing escapes.
    static func withPairs<Result>(
        _ headers: [HTTP2Header],
        _ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result
    ) -> Result {
        let bytes = headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes) { storage in
            unsafe withUnsafeTemporaryAllocation(
                of: nghttp2_nv.self, capacity: headers.count
            ) { pairs in
                var used = 0
                for (index, header) in headers.enumerated() {
                    let (name, nameLength) = unsafe copy(header.name, into: storage, at: &used)
                    let (value, valueLength) = unsafe copy(header.value, into: storage, at: &used)
                    let pair = unsafe nghttp2_nv(
                        name: name, value: value, namelen: nameLength, valuelen: valueLength,
                        flags: 0)
                    unsafe pairs.initializeElement(at: index, to: pair)
                }
                return unsafe body(pairs.baseAddress, headers.count)
            }
        }
    }

    private static func copy(
        _ text: String, into storage: UnsafeMutableBufferPointer<UInt8>, at used: inout Int
    ) -> (start: UnsafeMutablePointer<UInt8>?, length: Int) {
        let length = text.utf8.count
        // Safe: the caller has counted the bytes of all texts.
        let rest = unsafe UnsafeMutableBufferPointer(rebasing: storage[used..<used + length])
        _ = unsafe rest.initialize(fromContentsOf: text.utf8)
        used += length
        return (rest.baseAddress, length)
    }
}
