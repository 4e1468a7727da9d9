package import ClusterModel

extension ControlGroup {
    /// Memory of the group's processes that is nowhere else, swapped or not: what a checkpoint of them has to keep.
    ///
    /// Without the files that the kernel caches for them; `nil` where memory is not accounted.
    /// - Source: Linux, Documentation/admin-guide/cgroup-v1/memory.rst, 5.2; cgroup-v2.rst,
    ///   `memory.stat`.
    package var processMemory: Bytes? {
        for hierarchy in tree.hierarchies where hierarchy.has("memory") {
            let file = "\(hierarchy.mount)/\(path)/memory.stat"
            guard let table = try? HostFile.text(file) else { continue }
            let wanted: Set<Substring> =
                hierarchy.version == .v1
                ? ["total_rss", "total_shmem", "total_swap"] : ["anon", "shmem"]
            let swapped = (try? HostFile.text("\(hierarchy.mount)/\(path)/memory.swap.current"))
                .flatMap { UInt64($0.prefix { $0.isNumber }) }
            return table.split(separator: "\n").reduce(into: Bytes(swapped ?? 0)) { sum, line in
                let words = line.split(separator: " ")
                guard words.count == 2, wanted.contains(words[0]) else { return }
                sum = sum + Bytes(UInt64(words[1]) ?? 0)
            }
        }
        return nil
    }
}
