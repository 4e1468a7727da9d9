import CNghttp2

/// Header fields in the form that libnghttp2 takes, alive for the length of one call.
enum HeaderBlock {
    /// Calls `body` with `headers` as an array of name and value pointers.
    ///
    /// The library copies both before it returns (no `NO_COPY` flag), so nothing escapes.
    static func withPairs<Result>(
        _ headers: [HTTP2Header],
        _ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result
    ) -> Result {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count })
        for header in headers {
            bytes.append(contentsOf: header.name.utf8)
            bytes.append(contentsOf: header.value.utf8)
        }
        return unsafe bytes.withUnsafeMutableBufferPointer { storage in
            var cursor = storage.baseAddress
            var pairs: [nghttp2_nv] = unsafe []
            unsafe pairs.reserveCapacity(headers.count)
            for header in headers {
                let name = unsafe cursor
                let value = unsafe name.map { unsafe $0 + header.name.utf8.count }
                unsafe cursor = unsafe value.map { unsafe $0 + header.value.utf8.count }
                unsafe pairs.append(
                    nghttp2_nv(
                        name: name, value: value, namelen: header.name.utf8.count,
                        valuelen: header.value.utf8.count, flags: 0))
            }
            return unsafe pairs.withUnsafeBufferPointer { pairs in
                unsafe body(pairs.baseAddress, pairs.count)
            }
        }
    }
}
