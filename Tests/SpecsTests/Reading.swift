import ClusterModel
import Specs

/// Reads `yaml` as the file `test.yaml`.
func read(_ yaml: String) throws(SpecFailure) -> [Workload] {
    try WorkloadFiles.read([SpecText(file: "test.yaml", text: yaml)])
}

/// The problems of `yaml`, one line each without the file's name.
func problems(_ yaml: String) -> [String] {
    problems([SpecText(file: "test.yaml", text: yaml)])
}

func problems(_ files: [SpecText]) -> [String] {
    do {
        _ = try WorkloadFiles.read(files)
        return []
    } catch {
        return error.problems.map { problem in
            let text = "\(problem)"
            return text.hasPrefix("test.yaml:") ? String(text.dropFirst(10)) : text
        }
    }
}

/// A complete workload with `lines` added.
func container(_ lines: String...) -> String {
    """
    kind: container
    name: web
    image: nginx:1.27
    size: {cpu: 500m, memory: 256MiB}
    """ + "\n" + lines.joined(separator: "\n") + "\n"
}

func vm(_ lines: String...) -> String {
    """
    kind: vm
    name: mail
    image: debian-13
    size: {cpu: 500m, memory: 1GiB}
    """ + "\n" + lines.joined(separator: "\n") + "\n"
}
