import ClusterModel

extension Capability {
    /// `QEMU 10.0`, of a QEMU that tells its release.
    var releaseWords: String { "QEMU \((release ?? []).words)" }

    /// Why not all QEMU of this host are of release `first` or later; `nil` where they are.
    ///
    /// - Parameter danger: what an older one does.
    func obstacle(
        to first: [Int], running: [InstanceID: [Int]?], danger: String
    ) -> String? {
        guard release != nil else { return "QEMU does not tell its release" }
        guard release.isAtLeast(first) else {
            return "\(releaseWords) \(danger); \(first.words) does not"
        }
        return running.filter { !$0.value.isAtLeast(first) }.min { $0.key < $1.key }.map {
            "\($0.key) runs in \($0.value.map { "QEMU \($0.words)" } ?? "an older QEMU")"
        }
    }
}

extension [Int]? {
    /// Whether this is known to be `release` or a later one.
    func isAtLeast(_ release: [Int]) -> Bool {
        map { !$0.lexicographicallyPrecedes(release) } ?? false
    }
}

extension [Int] {
    fileprivate var words: String { map(String.init).joined(separator: ".") }
}
