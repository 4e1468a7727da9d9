import ClusterModel
import Wire

extension Golden {
    static let decisions = [
        Golden(
            "host", "Host",
            Host(
                id: "a", labels: Labels([Label(name: "zone", value: "b")]),
                taints: Labels([Label(name: "slow", value: "yes")]),
                capacity: Capacity(
                    total: Resources(cpu: CPU(millicores: 8000)),
                    hostReserve: Resources(memory: Bytes(5)), architecture: "aarch64",
                    features: ["sve"], kernel: "6.1", bootID: "boot",
                    capabilities: [Capability(.kvm, available: true, detail: "7.2")]),
                state: .draining),
            """
            {"id": "a", "labels": [{"name": "zone", "value": "b"}],
            "taints": [{"name": "slow", "value": "yes"}], "capacity": {
            "total": {"cpuMillicores": 8000}, "hostReserve": {"memoryBytes": 5},
            "architecture": "aarch64", "features": ["sve"], "kernel": "6.1", "bootId": "boot",
            "capabilities": [{"name": "kvm", "available": true, "detail": "7.2"}]},
            "state": "HOST_STATE_DRAINING"}
            """),
        Golden(
            "host-unconfirmed", "Host",
            Host(
                id: "b", labels: .none, capacity: Capacity(total: .zero, features: ["sse"]),
                state: .unconfirmed),
            """
            {"id": "b", "capacity": {"total": {}, "hostReserve": {}, "architecture": "x86_64",
            "features": ["sse"]}, "state": "HOST_STATE_UNCONFIRMED"}
            """),
        Golden(
            "host-new", "Host",
            Host(
                id: "c", labels: .none, capacity: Capacity(lastKnown: nil), state: .joining,
                isNew: true),
            """
            {"id": "c", "capacity": {"total": {}, "hostReserve": {}, "architecture": "x86_64"},
            "state": "HOST_STATE_JOINING", "isNew": true}
            """),
        Golden(
            "host-asleep", "Host",
            Host(
                id: "d", labels: .none,
                capacity: Capacity(total: .zero, wakeTime: .seconds(90)), state: .asleep,
                sleep: Host.Sleep(
                    since: Instant(milliseconds: 5), wakeAskedAt: Instant(milliseconds: 6),
                    wakeBeganAt: Instant(milliseconds: 7))),
            """
            {"id": "d", "capacity": {"total": {}, "hostReserve": {}, "architecture": "x86_64",
            "wakeTimeMilliseconds": 90000}, "state": "HOST_STATE_ASLEEP",
            "sleep": {"since": 5, "wakeAskedAt": 6, "wakeBeganAt": 7}}
            """),
        Golden(
            "use", "Use",
            Use(
                at: Instant(milliseconds: 1), cpu: .init(mean: 2, maximum: 3, last: 4),
                memory: .init(mean: 5, maximum: 6, last: 7), throttled: 8,
                network: .init(mean: 9, maximum: 10, last: 11),
                disk: .init(mean: 12, maximum: 13, last: 14),
                pressure: Pressure(
                    scope: .cgroup, cpu: Share(permille: 15), memory: Share(permille: 16),
                    io: Share(permille: 17))),
            """
            {"at": 1, "cpu": {"mean": 2, "maximum": 3, "last": 4},
            "memory": {"mean": 5, "maximum": 6, "last": 7}, "throttledMicroseconds": 8,
            "network": {"mean": 9, "maximum": 10, "last": 11},
            "disk": {"mean": 12, "maximum": 13, "last": 14},
            "pressure": {"scope": "PRESSURE_SCOPE_CGROUP", "cpuPermille": 15,
            "memoryPermille": 16, "ioPermille": 17}}
            """),
        Golden(
            "policy", "Policy", Policy(reserve: .hosts(0)),
            """
            {"mode": "POLICY_MODE_SUGGEST", "percentile": {"rankPermille": 950,
            "windowMilliseconds": 600000, "marginPermille": 100}, "ceilingCpuPermille": 800,
            "ceilingMemoryPermille": 900, "hotCpuPermille": 900, "hotHoldMilliseconds": 120000,
            "coldCpuPermille": 450, "coldHoldMilliseconds": 900000, "reserveHosts": 0,
            "restMilliseconds": 7200000, "movesPerHost": 2, "movesPerCluster": 5,
            "paybackMilliseconds": 86400000}
            """),
        Golden(
            "policy-reserved", "Policy", Policy(mode: .auto, demand: .reserved, rest: .zero),
            """
            {"mode": "POLICY_MODE_AUTO", "reserved": true, "ceilingCpuPermille": 800,
            "ceilingMemoryPermille": 900, "hotCpuPermille": 900, "hotHoldMilliseconds": 120000,
            "coldCpuPermille": 450, "coldHoldMilliseconds": 900000, "movesPerHost": 2,
            "movesPerCluster": 5, "paybackMilliseconds": 86400000}
            """),
        Golden(
            "policy-window", "Policy",
            valid { () throws(InvalidValue) in
                Policy(
                    mode: .off, demand: .reserved,
                    window: Window([
                        try Window.Entry(days: [.monday, .friday], from: 1_320, to: 360),
                        try Window.Entry(days: [.sunday], from: 0, to: 1_440),
                    ]))
            },
            """
            {"mode": "POLICY_MODE_OFF", "reserved": true, "ceilingCpuPermille": 800,
            "ceilingMemoryPermille": 900, "hotCpuPermille": 900, "hotHoldMilliseconds": 120000,
            "coldCpuPermille": 450, "coldHoldMilliseconds": 900000, "restMilliseconds": 7200000,
            "movesPerHost": 2, "movesPerCluster": 5, "paybackMilliseconds": 86400000,
            "window": {"entries": [{"days": 17, "fromMinute": 1320, "toMinute": 360},
            {"days": 64, "toMinute": 1440}]}}
            """),
        Golden(
            "policy-domains", "Policy",
            Policy(
                mode: .off, demand: .reserved,
                movesPerDomain: Policy.DomainBudget(moves: 2, label: "rack")),
            """
            {"mode": "POLICY_MODE_OFF", "reserved": true, "ceilingCpuPermille": 800,
            "ceilingMemoryPermille": 900, "hotCpuPermille": 900, "hotHoldMilliseconds": 120000,
            "coldCpuPermille": 450, "coldHoldMilliseconds": 900000, "restMilliseconds": 7200000,
            "movesPerHost": 2, "movesPerCluster": 5, "paybackMilliseconds": 86400000,
            "movesPerDomain": {"moves": 2, "label": "rack"}}
            """),
        Golden(
            "policy-preempt", "Policy",
            Policy(mode: .off, demand: .reserved, preempt: .lower),
            """
            {"mode": "POLICY_MODE_OFF", "reserved": true, "ceilingCpuPermille": 800,
            "ceilingMemoryPermille": 900, "hotCpuPermille": 900, "hotHoldMilliseconds": 120000,
            "coldCpuPermille": 450, "coldHoldMilliseconds": 900000, "restMilliseconds": 7200000,
            "movesPerHost": 2, "movesPerCluster": 5, "paybackMilliseconds": 86400000,
            "preempt": "POLICY_PREEMPTION_LOWER"}
            """),
        Golden(
            "rationale-stopped", "Rationale",
            Rationale(
                instance: "w-0", decision: .stopped(on: "a", because: .displaced(by: "v-0")),
                refusals: [.init(host: "b", misfit: .files(on: "a"))]),
            """
            {"instance": "w-0", "decision": "DECISION_STOPPED", "from": "a",
            "grounds": "GROUNDS_DISPLACED", "groundsInstances": ["v-0"],
            "refusals": [{"host": "b", "misfit": {"kind": "MISFIT_FILES", "name": "a"}}]}
            """),
        Golden(
            "policy-bandwidth", "Policy",
            Policy(mode: .off, demand: .reserved, movesBandwidth: BytesPerSecond(64 << 20)),
            """
            {"mode": "POLICY_MODE_OFF", "reserved": true, "ceilingCpuPermille": 800,
            "ceilingMemoryPermille": 900, "hotCpuPermille": 900, "hotHoldMilliseconds": 120000,
            "coldCpuPermille": 450, "coldHoldMilliseconds": 900000, "restMilliseconds": 7200000,
            "movesPerHost": 2, "movesPerCluster": 5, "paybackMilliseconds": 86400000,
            "movesBandwidth": 67108864}
            """),
        Golden(
            "policy-compression", "Policy",
            Policy(mode: .off, demand: .reserved, movesCompression: .zstd),
            """
            {"mode": "POLICY_MODE_OFF", "reserved": true, "ceilingCpuPermille": 800,
            "ceilingMemoryPermille": 900, "hotCpuPermille": 900, "hotHoldMilliseconds": 120000,
            "coldCpuPermille": 450, "coldHoldMilliseconds": 900000, "restMilliseconds": 7200000,
            "movesPerHost": 2, "movesPerCluster": 5, "paybackMilliseconds": 86400000,
            "movesCompression": "POLICY_COMPRESSION_ZSTD"}
            """),
        Golden(
            "policy-streams", "Policy",
            Policy(mode: .off, demand: .reserved, movesStreams: 1),
            """
            {"mode": "POLICY_MODE_OFF", "reserved": true, "ceilingCpuPermille": 800,
            "ceilingMemoryPermille": 900, "hotCpuPermille": 900, "hotHoldMilliseconds": 120000,
            "coldCpuPermille": 450, "coldHoldMilliseconds": 900000, "restMilliseconds": 7200000,
            "movesPerHost": 2, "movesPerCluster": 5, "paybackMilliseconds": 86400000,
            "movesStreams": 1}
            """),
        Golden(
            "policy-never", "Policy", Policy(mode: .off, demand: .reserved, window: .never),
            """
            {"mode": "POLICY_MODE_OFF", "reserved": true, "ceilingCpuPermille": 800,
            "ceilingMemoryPermille": 900, "hotCpuPermille": 900, "hotHoldMilliseconds": 120000,
            "coldCpuPermille": 450, "coldHoldMilliseconds": 900000, "restMilliseconds": 7200000,
            "movesPerHost": 2, "movesPerCluster": 5, "paybackMilliseconds": 86400000,
            "window": {}}
            """),
        Golden(
            "plan", "Plan",
            Plan(
                id: "p", reason: .drain("a"), parent: Revision(7),
                reads: [.init(.host("a"), at: Revision(6)), .init(.policy, at: Revision(5))],
                steps: [
                    Step(id: .init(0), action: .start("w-0", on: "b")),
                    Step(
                        id: .init(1),
                        action: .move("w-1", from: "a", to: "b", mode: .relocate),
                        after: [.init(0)]),
                    Step(id: .init(2), action: .stop("w-2", on: "a"), after: [.init(0), .init(1)]),
                ],
                rationale: [
                    Rationale(
                        instance: "w-0", decision: .placed(on: "b", because: .fullest),
                        refusals: [.init(host: "c", misfit: .memory(short: Bytes(9)))]),
                    Rationale(
                        instance: "w-1",
                        decision: .moved(from: "a", to: "b", because: .drains("a")),
                        refusals: []),
                    Rationale(
                        instance: "w-3",
                        decision: .stays(on: "a", because: .repairs(.apart(from: "w-0"))),
                        refusals: []),
                    Rationale(instance: "w-4", decision: .pending, refusals: []),
                ],
                bound: Plan.Bound(before: 3, after: 2, lower: 1)),
            """
            {"id": "p", "reason": "PLAN_REASON_DRAIN", "reasonSubject": "a", "parent": 7,
            "reads": [{"subject": "READ_SUBJECT_HOST", "id": "a", "revision": 6},
            {"subject": "READ_SUBJECT_POLICY", "revision": 5}], "steps": [
            {"action": "STEP_ACTION_START", "instance": "w-0", "to": "b"},
            {"id": 1, "action": "STEP_ACTION_MOVE", "instance": "w-1", "from": "a", "to": "b",
            "mode": "MOVE_MODE_RELOCATE", "after": [0]},
            {"id": 2, "action": "STEP_ACTION_STOP", "instance": "w-2", "from": "a",
            "after": [0, 1]}], "rationale": [
            {"instance": "w-0", "decision": "DECISION_PLACED", "to": "b",
            "grounds": "GROUNDS_FULLEST", "refusals": [{"host": "c", "misfit":
            {"kind": "MISFIT_MEMORY", "shortBy": 9}}]},
            {"instance": "w-1", "decision": "DECISION_MOVED", "from": "a", "to": "b",
            "grounds": "GROUNDS_DRAINS", "groundsHost": "a"},
            {"instance": "w-3", "decision": "DECISION_STAYS", "from": "a",
            "grounds": "GROUNDS_REPAIRS", "groundsMisfit": {"kind": "MISFIT_APART",
            "name": "w-0"}}, {"instance": "w-4", "decision": "DECISION_PENDING"}],
            "hostsBefore": 3, "hostsAfter": 2, "hostsLowerBound": 1}
            """),
        Golden(
            "misfit-move", "Misfit",
            Misfit.move(.notAllowed(allowed: [.live], possible: [.relocate, .restart])),
            """
            {"kind": "MISFIT_MOVE_NOT_ALLOWED", "allowed": ["MOVE_MODE_LIVE"],
            "possible": ["MOVE_MODE_RELOCATE", "MOVE_MODE_RESTART"]}
            """),
        Golden(
            "misfit-unwritable", "Misfit",
            Misfit.move(
                .unwritable(
                    CheckpointRefusal(
                        program: CheckpointedProgram(image: "busybox", mark: 258),
                        software: CheckpointSoftware(
                            tool: "CRIU 4.2.1", runtime: "Podman 5.4.2", kernel: "6.18"),
                        verdict: CheckpointVerdict(.restore, reason: "no"),
                        until: Instant(milliseconds: 9)))),
            """
            {"kind": "MISFIT_UNWRITABLE", "refusal": {"verdict": {"work": "CHECKPOINT_WORK_RESTORE",
            "reason": "no"}, "image": "busybox", "mark": "258", "tool": "CRIU 4.2.1",
            "runtime": "Podman 5.4.2", "kernel": "6.18", "until": 9}}
            """),
        Golden(
            "misfit-driver", "Misfit", Misfit.driver(.vm, reason: "no KVM"),
            """
            {"kind": "MISFIT_DRIVER", "workloadKind": "KIND_VM", "value": "no KVM"}
            """),
        Golden(
            "misfit-resting", "Misfit", Misfit.resting(until: Instant(milliseconds: -5)),
            """
            {"kind": "MISFIT_RESTING", "until": -5}
            """),
        Golden(
            "occurrence", "Occurrence",
            Occurrence(
                at: Instant(milliseconds: 1), subject: .move("m"), severity: .failure,
                message: "rolled back"),
            """
            {"at": 1, "subjectKind": "SUBJECT_MOVE", "subject": "m",
            "severity": "SEVERITY_FAILURE", "message": "rolled back"}
            """),
    ]

    static let messages = [
        Golden(
            "instance-summary", "InstanceSummary",
            InstanceSummary(
                instance: Instance(
                    id: "w-0", workload: "w", index: 2, host: "a", generation: Generation(4),
                    desired: .stopped, observed: .failed(reason: "exit 1"),
                    movedAt: Instant(milliseconds: 0)),
                kind: .container, reserved: Resources(disk: Bytes(3)), orphan: true),
            """
            {"instance": {"id": "w-0", "workload": "w", "index": 2, "host": "a", "generation": 4,
            "desired": "DESIRED_STOPPED", "observed": {"state": "INSTANCE_STATE_FAILED",
            "reason": "exit 1"}, "movedAt": 0}, "kind": "KIND_CONTAINER",
            "reserved": {"diskBytes": 3}, "orphan": true}
            """),
        Golden(
            "move-result", "AgentMessage",
            AgentMessage.moveResult(
                MoveResult(move: "m", phase: .switchOver, undo: true, failure: "")),
            """
            {"moveResult": {"move": "m", "phase": "MOVE_PHASE_SWITCH_OVER", "undo": true,
            "failure": ""}}
            """),
        Golden(
            "move-verdict", "AgentMessage",
            AgentMessage.moveResult(
                MoveResult(
                    move: "m", phase: .copy, undo: false, failure: "no",
                    verdict: CheckpointVerdict(.checkpoint, reason: "a file"))),
            """
            {"moveResult": {"move": "m", "phase": "MOVE_PHASE_COPY", "failure": "no",
            "verdict": {"work": "CHECKPOINT_WORK_CHECKPOINT", "reason": "a file"}}}
            """),
        Golden(
            "acknowledged", "CoordinatorMessage", CoordinatorMessage.acknowledged,
            """
            {"acknowledged": {}}
            """),
        Golden(
            "revocations", "CoordinatorMessage",
            CoordinatorMessage.revocations(
                Revocations(certificates: [
                    RevokedCertificate(serial: [1, 255], notAfter: Instant(milliseconds: 7))
                ])),
            """
            {"revocations": {"certificates": [{"serial": "Af8=", "notAfter": 7}]}}
            """),
        Golden(
            "attach", "CoordinatorMessage",
            CoordinatorMessage.attach(
                AttachOrder(
                    session: "s", kind: .exec, instance: "w-0", follow: true, tail: 0,
                    command: ["sh", ""], terminal: true)),
            """
            {"attach": {"session": "s", "kind": "ATTACH_EXEC", "instance": "w-0", "follow": true,
            "tail": 0, "command": ["sh", ""], "terminal": true}}
            """),
        Golden(
            "plan-reply", "PlanReply",
            PlanReply(
                plan: Plan(
                    id: "p-1", reason: .pack, parent: Revision(1), reads: [], steps: [],
                    rationale: [], bound: Plan.Bound(before: 1, after: 1, lower: 1)),
                state: .stored, reason: "a is cold", origin: .loop),
            """
            {"plan": {"id": "p-1", "reason": "PLAN_REASON_PACK", "parent": 1, "hostsBefore": 1,
            "hostsAfter": 1, "hostsLowerBound": 1}, "state": "PLAN_STATE_STORED",
            "reason": "a is cold", "origin": "PLAN_ORIGIN_LOOP"}
            """),
        Golden(
            "loop", "LoopReply", LoopReply(paused: true, hindrance: "paused"),
            """
            {"paused": true, "hindrance": "paused"}
            """),
        Golden("closed", "AttachInput", AttachInput.closed, "{\"closed\": true}"),
        Golden(
            "end", "AttachOutput", AttachOutput.end(AttachEnd(exitCode: -1, failure: "gone")),
            """
            {"end": {"exitCode": -1, "failure": "gone"}}
            """),
        Golden(
            "make-plan", "MakePlanRequest",
            MakePlanRequest(reason: .move("w-0"), toHost: "b", mode: .restart, force: true),
            """
            {"reason": "PLAN_REASON_MOVE", "subject": "w-0", "toHost": "b",
            "mode": "MOVE_MODE_RESTART", "force": true}
            """),
        Golden(
            "progress", "PlanProgress",
            PlanProgress(
                state: .running, reason: "r", step: .init(0), stepState: .done, phase: .release),
            """
            {"state": "PLAN_STATE_RUNNING", "reason": "r", "step": 0,
            "stepState": "STEP_STATE_DONE", "phase": "MOVE_PHASE_RELEASE"}
            """),
        Golden(
            "forecast-longer", "MoveForecast",
            MoveForecast(
                mode: .live, bytes: Bytes(1), duration: .microseconds(2),
                downtime: .microseconds(3), rounds: 4, bandwidth: BytesPerSecond(5),
                recourse: .longer(.milliseconds(600), since: endless)),
            """
            {"mode": "MOVE_MODE_LIVE", "bytes": 1, "durationMicroseconds": 2,
            "downtimeMicroseconds": 3, "rounds": 4, "bandwidthBytesPerSecond": 5,
            "since": {"changedBytesPerSecond": 6, "setBytes": 7, "bandwidthBytesPerSecond": 8,
            "downtimeMilliseconds": 9}, "longerMilliseconds": 600}
            """),
        Golden(
            "forecast-restart", "MoveForecast",
            MoveForecast(
                mode: .restart, bytes: Bytes(1), duration: .microseconds(2),
                downtime: .microseconds(3), bandwidth: BytesPerSecond(5),
                recourse: .restart(since: endless)),
            """
            {"mode": "MOVE_MODE_RESTART", "bytes": 1, "durationMicroseconds": 2,
            "downtimeMicroseconds": 3, "bandwidthBytesPerSecond": 5,
            "since": {"changedBytesPerSecond": 6, "setBytes": 7, "bandwidthBytesPerSecond": 8,
            "downtimeMilliseconds": 9}}
            """),
    ]

    private static let endless = MoveForecast.Endless(
        changes: BytesPerSecond(6), set: Bytes(7), bandwidth: BytesPerSecond(8),
        downtime: .milliseconds(9))
}
