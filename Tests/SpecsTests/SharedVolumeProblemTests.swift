import ClusterModel
import Specs
import Testing

@Suite struct SharedVolumeProblemTests {
    private static let remedy =
        "(name a directory that is mounted on every host, such as /srv/media)"

    @Test(
        "a directory that hosts cannot share is named with its column and remedy",
        arguments: [
            ("srv", "'srv' is not an absolute path"),
            ("/srv/../etc", "'/srv/../etc' has '..' in it"),
            ("/./", "'/' is the whole host"),
            ("/etc/ssl", "'/etc/ssl' is no directory to share: /etc is the host's own"),
            ("/var", "'/var' is no directory to share: /var/lib is the host's own"),
            (
                "//var/./lib//huddle",
                "'//var/./lib//huddle' is no directory to share: /var/lib is the host's own"
            ),
        ])
    func directories(directory: String, problem: String) {
        let found = problems(container("volumes: [{name: a, path: /a, shared: \(directory)}]"))
        #expect(found == ["5:39: volumes[0].shared: \(problem) \(Self.remedy)"])
    }

    @Test("names that only begin like the host's own are nobody's")
    func neighbours() throws {
        for directory in ["/etcetera", "/homes/a", "/srv/etc", "/srv/a..b", "/varnish"] {
            #expect(try SharedDirectory.checked(directory) == directory)
        }
    }

    /// A misspelt or unreadable key must not make a local volume of it.
    @Test func theKeyIsReadOrRefused() {
        #expect(
            problems(container("volumes: [{name: a, path: /a, shared: ''}]"))
                == ["5:39: volumes[0].shared: is empty"])
        #expect(
            problems(container("volumes: [{name: a, path: /a, share: /srv}]"))
                == ["5:31: volumes[0].share: unknown key 'share' (did you mean 'shared'?)"])
    }

    /// Nor a disk of the host's own of one that hosts are to share.
    @Test(
        "a disk that hosts cannot share is named with its column and remedy",
        arguments: [
            (
                "{name: a, size: 1GiB, shared: /etc}",
                "5:39: disks[0].shared: '/etc' is no directory to share: /etc is the host's own \(remedy)"
            ),
            ("{name: a, size: 1GiB, shared: ''}", "5:39: disks[0].shared: is empty"),
            ("{name: a, size: 1KiB, shared: /srv}", "5:25: disks[0].size: has to be at least 1MiB"),
            (
                "{name: disk0, size: 1GiB, shared: /srv}",
                "5:16: disks[0].name: 'disk0' is the name of a disk of the host's own (write another one, such as data)"
            ),
            (
                "{name: a23456789-123456789-1, size: 1GiB, shared: /srv}",
                "5:16: disks[0].name: 'a23456789-123456789-1' is longer than a disk's serial number (write at most 20 characters)"
            ),
            (
                "{name: a, size: 1GiB}",
                "5:9: disks[0].shared: is missing (a disk of the host's own is its size alone)"
            ),
            ("{size: 1GiB, shared: /srv}", "5:9: disks[0].name: is missing"),
            (
                "{name: a, size: 1GiB, shared: /srv}, {name: a, size: 1GiB, shared: /mnt}",
                "5:8: disks: two are called a"
            ),
        ])
    func disks(disk: String, problem: String) {
        #expect(problems(vm("disks: [\(disk)]")) == [problem])
    }
}
