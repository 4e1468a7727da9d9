import Glibc

/// Reads header blocks field by field, and knows the last one: peers repeat themselves, and a block that is the same again
/// costs a comparison of bytes in place of two strings for each field.
struct HeaderMemory {
    private struct Lengths: Hashable {
        let name: Int
        let value: Int
    }

    /// The last block, and the bytes it came from.
    private var fields: [HTTP2Header] = []
    private var lengths: [Lengths] = []
    private var bytes: [UInt8] = []

    /// How many fields of the block being read are known to be those of the last one, and where their bytes end.
    private var matched = 0
    private var matchedBytes = 0

    /// A block begins.
    mutating func begin() {
        matched = 0
        matchedBytes = 0
    }

    mutating func add(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
        if unsafe repeats(name, value) {
            matched += 1
            matchedBytes += name.count + value.count
            return
        }
        // From here on this block is another than the last.
        fields.removeSubrange(matched...)
        lengths.removeSubrange(matched...)
        bytes.removeSubrange(matchedBytes...)
        unsafe fields.append(
            HTTP2Header(
                String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
        lengths.append(Lengths(name: name.count, value: value.count))
        unsafe bytes.append(contentsOf: name)
        unsafe bytes.append(contentsOf: value)
        matched = fields.count
        matchedBytes = bytes.count
    }

    /// The block that ended; the very same array when it is the last one again.
    mutating func end() -> [HTTP2Header] {
        if matched < fields.count {
            fields.removeSubrange(matched...)
            lengths.removeSubrange(matched...)
            bytes.removeSubrange(matchedBytes...)
        }
        return fields
    }

    /// Gives the memory back.
    mutating func forget() { self = HeaderMemory() }

    private func repeats(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard matched < lengths.count,
            lengths[matched] == Lengths(name: name.count, value: value.count)
        else { return false }
        // Safe: the lengths are those of the bytes that are kept from `matchedBytes` on.
        return unsafe bytes.withUnsafeBytes { bytes in
            guard let known = unsafe bytes.baseAddress.map({ unsafe $0 + matchedBytes }),
                let name = name.baseAddress, let value = value.baseAddress
            else { return false }
            let length = lengths[matched]
            return unsafe memcmp(known, name, length.name) == 0
                && memcmp(known + length.name, value, length.value) == 0
        }
    }
}
