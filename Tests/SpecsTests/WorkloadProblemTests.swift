import ClusterModel
import Specs
import Testing

@Suite struct WorkloadProblemTests {
    @Test(
        "each mistake is named with its line, column and remedy",
        arguments: [
            (
                "memroy: 3",
                "5:1: memroy: unknown key 'memroy' (one of: kind, name, count, labels, image, size, "
                    + "limit, floor, command, env, ports, check, restart, disks, volumes, cloudInit, rules, move, onHostLoss, recoveryTime)"
            ),
            ("lables: {a: b}", "5:1: lables: unknown key 'lables' (did you mean 'labels'?)"),
            (
                "<<: {a: b}",
                "5:1: <<: unknown key '<<' (merge keys are not read; write the fields out)"
            ),
            ("count: many", "5:8: count: 'many' is not a whole number"),
            ("count: -1", "5:8: count: -1 is outside 0 to 1000"),
            ("labels: [a]", "5:9: labels: has to be a mapping, not a list (write {key: value})"),
            ("labels: {a: [b]}", "5:13: labels.a: has to be a single value, not a list"),
            (
                "limit: {cpu: 2x}",
                "5:14: limit.cpu: '2x' has no unit of processor time "
                    + "(write thousandths of a core, such as 500m, or cores, such as 0.5)"
            ),
            ("limit: {cpu: 100m}", "5:14: limit.cpu: 100m is less than the 500m of size.cpu"),
            ("floor: {cpu: 600m}", "5:14: floor.cpu: 600m is more than the 500m of size.cpu"),
            ("floor: {swap: 1GiB}", "5:9: floor.swap: unknown key 'swap' (one of: cpu)"),
            ("limit: {memory: 1MiB}", "5:17: limit.memory: is less than size.memory"),
            ("limit: {swap: 1GiB}", "5:9: limit.swap: unknown key 'swap' (one of: cpu, memory)"),
            ("command: sleep", "5:10: command: has to be a list, not a value (write [sleep])"),
            ("env: {A=B: c}", "5:7: env.A=B: 'A=B' cannot be a variable's name"),
            (
                "ports: [80]",
                "5:9: ports[0]: '80' is not a port of the host and one of the instance (write 80:80)"
            ),
            (
                "ports: [80:80/sctp]",
                "5:9: ports[0]: '80:80/sctp' is not a port of the host and one of the instance "
                    + "(write 8080:80 or {host: 8080, to: 80, transport: tcp})"
            ),
            (
                "ports: [1:1, 80:99999]",
                "5:14: ports[1]: '80:99999' is not a port of the host and one of the "
                    + "instance (write 8080:80 or {host: 8080, to: 80, transport: tcp})"
            ),
            ("ports: [{host: 0, to: 80}]", "5:16: ports[0].host: 0 is outside 1 to 65535"),
            ("ports: [{host: 8}]", "5:9: ports[0].to: is missing"),
            ("ports: [80:1, 80:2]", "5:15: ports[1]: port 80 of the host is published twice"),
            ("check: {every: 5s}", "5:8: check: has to have exactly one of http, tcp and exec"),
            ("check: {http: /}", "5:1: check.port: is missing (write port: 80)"),
            ("check: {http: up, port: 80}", "5:15: check.http: 'up' does not begin with /"),
            ("check: {tcp: 80, port: 80}", "5:24: check.port: only http has a port of its own"),
            ("check: {tcp: 80, every: 10ms}", "5:25: check.every: has to be at least 1s"),
            (
                "check: {tcp: 80, every: 10}",
                "5:25: check.every: '10' has no unit (write 10s, or one of: ms, s, m, h, d)"
            ),
            ("check: {exec: []}", "5:15: check.exec: is empty"),
            (
                "restart: on-failure",
                "5:10: restart: 'on-failure' is not known here (did you mean 'onFailure'?)"
            ),
            ("disks: [10GiB]", "5:8: disks: only VMs have disks and cloudInit (use volumes)"),
            ("disks: [10]", "5:9: disks[0]: '10' has no unit (write 10MiB)"),
            (
                "disks: [{name: a, size: 1GiB, shared: /srv}]",
                "5:8: disks: only VMs have disks and cloudInit (use volumes)"
            ),
            ("cloudInit: x", "5:12: disks: only VMs have disks and cloudInit (use volumes)"),
            ("volumes: [{name: Data, path: /a}]", "5:18: volumes[0].name: 'Data' is not a name"),
            (
                "volumes: [{name: data, path: a}]",
                "5:30: volumes[0].path: 'a' is not an absolute path"
            ),
            (
                "rules: {apart: web}",
                "5:16: rules.apart: has to be a mapping, not a value (write {key: value})"
            ),
            (
                "rules: {need: {a: b}, aviod: {c: d}}",
                "5:23: rules.aviod: unknown key 'aviod' (did you mean 'avoid'?)"
            ),
            (
                "move: {allow: [lve]}",
                "5:16: move.allow[0]: 'lve' is not known here (did you mean 'live'?)"
            ),
            (
                "move: {allow: live}",
                "5:15: move.allow: has to be a list, not a value (write [live])"
            ),
            (
                "move: {quiet: [Mon-Fri]}",
                "5:8: move.quiet: quiet windows are not available yet "
                    + "(leave it out, or set allow: [] to forbid every move)"
            ),
            (
                "move: {converge: [longer]}",
                "5:18: move.converge: only VMs run on while they are copied (leave it out)"
            ),
            (
                "move: {balloon: true}",
                "5:17: move.balloon: only VMs have memory that they can give back (leave it out)"
            ),
            (
                "onHostLoss: restrat",
                "5:13: onHostLoss: 'restrat' is not known here (did you mean 'restart'?)"
            ),
            (
                "recoveryTime: 5min",
                "5:15: recoveryTime: what waits for its lost host has no time to keep "
                    + "(write onHostLoss: restart, or leave it out)"
            ),
            (
                "onHostLoss: restart\nrecoveryTime: 45s",
                "6:15: recoveryTime: is not above 45s, after which it is certain that a host is lost "
                    + "(write at least 46s)"
            ),
        ])
    func mistakes(line: String, expected: String) {
        #expect(problems(container(line)) == [expected])
    }

    @Test(
        "what becomes of a move that will not converge",
        arguments: [
            (
                "{converge: [longr]}",
                "5:19: move.converge[0]: 'longr' is not known here (did you mean 'longer'?)"
            ),
            (
                "{converge: longer}",
                "5:18: move.converge: has to be a list, not a value (write [longer])"
            ),
            ("{balloon: yes}", "5:17: move.balloon: 'yes' is neither true nor false"),
            (
                "{downtime: 0s}",
                "5:8: move.downtime: no move is without any interruption "
                    + "(leave it out, or set allow: [] to forbid every move)"
            ),
            (
                "{most: 2s}",
                "5:14: move.most: is the bound of 'longer', which move.converge does not have "
                    + "(write converge: [longer])"
            ),
            (
                "{converge: [longer], most: 31s}",
                "5:34: move.most: is more than a switch-over can last (write at most 30s)"
            ),
            (
                "{downtime: 1s, converge: [longer], most: 500ms}",
                "5:48: move.most: is less than move.downtime (leave it out, or raise it)"
            ),
        ])
    func unconverging(move: String, expected: String) {
        #expect(problems(vm("move: \(move)")) == [expected])
    }

    @Test(
        "sizes",
        arguments: [
            ("{cpu: 500m, memory: 256}", "4:27: size.memory: '256' has no unit (write 256MiB)"),
            (
                "{cpu: 500m, memory: -1GiB}",
                "4:27: size.memory: '-1GiB' is negative (write a value above zero)"
            ),
            (
                "{cpu: -1, memory: 1GiB}",
                "4:13: size.cpu: '-1' is negative (write a value above zero)"
            ),
            ("{cpu: 0, memory: 1GiB}", "4:13: size.cpu: has to be above zero"),
            (
                "{cpu: 1, memory: 1B}",
                "4:24: size.memory: has to be at least 1MiB (write a unit, such as 256MiB)"
            ),
            ("{memory: 1GiB}", "4:1: size.cpu: is missing"),
            (
                "{cpu: 1, memroy: 1GiB}",
                "4:16: size.memroy: unknown key 'memroy' (did you mean 'memory'?)"
            ),
            (
                "{cpu: 1, memory: 1GiB, gpu: lots}",
                "4:35: size.gpu: 'lots' is not an amount (write a number, such as "
                    + "1 or 500m; known besides: cpu, memory, disk, network)"
            ),
            (
                "{cpu: 1, memory: 1GiB, network: 10MB}",
                "4:39: size.network: '10MB' is not a rate (write bytes a "
                    + "second, such as 10MiB/s)"
            ),
            ("big", "4:7: size: has to be a mapping, not a value (write {key: value})"),
        ])
    func sizes(size: String, expected: String) {
        #expect(problems("kind: vm\nname: a\nimage: b\nsize: \(size)\n") == [expected])
    }

    @Test("what only a VM or only a container has")
    func kinds() {
        #expect(
            problems(vm("env: {A: b}")) == [
                "5:6: command: only containers have command, env and check (use cloudInit to set up a VM)"
            ])
        #expect(
            problems(vm("volumes: [{name: a, path: /a}]")) == [
                "5:10: volumes: only containers have volumes (use disks)"
            ])
        #expect(
            problems(
                "kind: container\nname: a\nimage: {kernel: k, initrd: i}\nsize: {cpu: 1, memory: 1GiB}"
            )
                == ["3:8: image: a kernel and initrd boot a VM, not a container"])
    }

    @Test("what is missing is named together")
    func missing() {
        #expect(
            problems("count: 1\n") == [
                "1:1: kind: is missing (write kind: vm or kind: container)",
                "1:1: name: is missing",
                "1:1: image: is missing (huddle image list shows them)",
                "1:1: size: is missing (write size: {cpu: 500m, memory: 256MiB})",
            ])
    }

    @Test("all problems of all documents come in one run, in the order of the file")
    func together() {
        let text = container("count: x", "colour: red") + "---\n" + vm("disks: [1]")
        let lines = problems(text).map { String($0.prefix(4)) }
        #expect(lines == ["5:8:", "6:1:", "12:9"])
    }

    @Test("a name twice, in one file and across files")
    func names() {
        #expect(
            problems(container() + "---\n" + container()) == [
                "8:7: name: 'web' is already the name of a workload at test.yaml:2:7 "
                    + "(give each workload its own name)"
            ])
        let files = [
            SpecText(file: "a.yaml", text: container()),
            SpecText(file: "b.yaml", text: container()),
        ]
        #expect(
            problems(files) == [
                "b.yaml:2:7: name: 'web' is already the name of a workload at a.yaml:2:7 "
                    + "(give each workload its own name)"
            ])
    }

    @Test("a name that is no name")
    func badName() {
        #expect(
            problems("kind: vm\nname: My_App\nimage: a\nsize: {cpu: 1, memory: 1GiB}") == [
                "2:7: name: 'My_App' is not a name "
                    + "(at most 59 lower-case letters, digits and inner hyphens)"
            ])
    }
}
