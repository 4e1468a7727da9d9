import ClusterModel

/// The largest thing that a process maps: of QEMU, its guest's memory.
/// - Source: Linux, Documentation/filesystems/proc.rst, `/proc/PID/maps`.
struct LargestMapping: Hashable {
    let addresses: Range<UInt64>

    /// - Parameter text: a line for each mapping, which begins with its first address and the one behind its last.
    init?(_ text: String) {
        let mappings = text.split(separator: "\n").compactMap { line -> Range<UInt64>? in
            let ends = line.prefix { $0 != " " }.split(separator: "-", maxSplits: 1)
            guard ends.count == 2, let start = UInt64(ends[0], radix: 16),
                let end = UInt64(ends[1], radix: 16), start < end
            else { return nil }
            return start..<end
        }
        guard let largest = mappings.max(by: { $0.size < $1.size }) else { return nil }
        addresses = largest
    }

    var size: Bytes { Bytes(addresses.size) }

    /// Addresses of `count` pages all over it, or of each page where there are fewer.
    ///
    /// One from each of as many equal parts, at another place in each: what guests repeat at regular distances would be
    /// hit always or never otherwise.
    func sample(_ count: Int, pagesOf page: UInt64) -> [UInt64] {
        let pages = addresses.size / page
        let parts = min(UInt64(max(0, count)), pages)
        return (0..<parts).map { part in
            let (first, next) = (pages.part(part, of: parts), pages.part(part + 1, of: parts))
            // Multiples of the golden ratio spread over the unit evenly; here as fractions of 2^64.
            let place = (part &* 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: next - first).high
            return addresses.lowerBound + (first + place) * page
        }
    }

    /// What of it is in use, when `inhabited` of `sampled` pages were.
    func share(_ inhabited: Int, of sampled: Int) -> Bytes {
        guard sampled > 0 else { return .zero }
        return Bytes(addresses.size.part(UInt64(max(0, inhabited)), of: UInt64(sampled)))
    }
}

extension Range<UInt64> {
    fileprivate var size: UInt64 { upperBound - lowerBound }
}

extension UInt64 {
    /// So many parts of as many, rounded down; no more than all of it.
    fileprivate func part(_ part: UInt64, of parts: UInt64) -> UInt64 {
        parts.dividingFullWidth(multipliedFullWidth(by: Swift.min(part, parts))).quotient
    }
}
