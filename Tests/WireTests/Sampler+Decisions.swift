import ClusterModel
import Wire

extension Sampler {
    mutating func figure() -> Use.Figure {
        Use.Figure(mean: number(), maximum: number(), last: number())
    }

    mutating func pressure() -> Pressure {
        Pressure(scope: one(), cpu: share(), memory: share(), io: share())
    }

    mutating func use() -> Use {
        Use(
            at: instant(), cpu: figure(), memory: figure(), throttled: number(),
            network: figure(), disk: figure(), pressure: maybe { $0.pressure() })
    }

    mutating func demand() -> DemandRule {
        let joint = JointRule(
            chance: .percent(UInt32(below(51))), window: .seconds(300 + below(86_101)),
            margin: share())
        return [
            .reserved, .percentile(rank: share(), window: duration(), margin: share()),
            .joint(joint),
        ][below(3)]
    }

    mutating func policy() -> Policy {
        Policy(
            mode: one(),
            demand: demand(),
            ceilingCPU: .percent(80), ceilingMemory: .percent(70), hotCPU: .percent(95),
            hotHold: duration(), coldCPU: .percent(UInt32(below(80))), coldHold: duration(),
            reserve: flag() ? .standard : .hosts(count()), rest: duration(),
            movesPerHost: 1 + below(9), movesPerCluster: 1 + below(99),
            movesPerDomain: flag() ? nil : domainBudget(), movesPerInstance: 1 + below(9),
            payback: duration(),
            window: window(), guardian: one(), guardWindow: .seconds(10 + below(1_190)),
            guardMemory: duration(), preempt: one(),
            movesBandwidth: maybe { BytesPerSecond(1 << 20 + UInt64($0.below(1 << 30))) },
            movesCompression: one(), movesStreams: 1 + below(8), sleep: one())
    }

    mutating func domainBudget() -> Policy.DomainBudget {
        Policy.DomainBudget(moves: 1 + below(9), label: name())
    }

    mutating func windowEntry() -> Window.Entry {
        let days = Window.Weekday.allCases.filter { _ in flag() }
        let from = below(1_440)
        let to = 1 + below(1_440)
        return valid { () throws(InvalidValue) in
            try Window.Entry(
                days: days.isEmpty ? [.friday] : days, from: from, to: to == from ? 1_440 : to)
        }
    }

    mutating func window() -> Window {
        [.always, .never, Window(list { $0.windowEntry() })][below(3)]
    }

    mutating func misfit() -> Misfit {
        let all: [Misfit] = [
            .cpu(short: CPU(millicores: number())), .memory(short: Bytes(number())),
            .disk(short: Bytes(number())), .network(short: BytesPerSecond(number())),
            .scalar(name: name(), short: number()), .hostState(one()),
            .driver(one(), reason: text()), .architecture(needed: text(), found: text()),
            .need(label()), .avoid(label()), .taint(label()), .apart(from: id()),
            .together(with: id()), .spread(domain: label(), over: count()),
            .move(.notAllowed(allowed: modes(), possible: modes())), .move(.notRunning),
            .move(.underway), .move(.budget), .move(.unwritable(checkpointRefusal())),
            .resting(until: instant()),
            .reserve(short: resources()), .undone(until: instant()),
            .files(on: id()),
        ]
        return all[below(all.count)]
    }

    mutating func reason() -> Plan.Reason {
        let all: [Plan.Reason] = [
            .pack, .relieve(id()), .drain(id()), .repair, .place, .move(id()),
        ]
        return all[below(all.count)]
    }

    mutating func read() -> Plan.Read {
        let all: [Plan.Read.Subject] = [.host(id()), .instance(id()), .policy]
        return Plan.Read(all[below(3)], at: Revision(counter()))
    }

    mutating func step() -> Step {
        let all: [Step.Action] = [
            .start(id(), on: id()), .move(id(), from: id(), to: id(), mode: one()),
            .stop(id(), on: id()),
        ]
        return Step(
            id: Step.StepID(count()), action: all[below(3)],
            after: list { Step.StepID($0.count()) })
    }

    mutating func grounds() -> Rationale.Grounds {
        let all: [Rationale.Grounds] = [
            .fullest, .empties(id()), .relieves(id()), .drains(id()), .repairs(misfit()), .asked,
            .freesNothing, .hostStays, .returns, .displaces(list { $0.id() }),
            .displaced(by: id()),
        ]
        return all[below(all.count)]
    }

    mutating func rationale() -> Rationale {
        let all: [Rationale.Decision] = [
            .placed(on: id(), because: grounds()),
            .moved(from: id(), to: id(), because: grounds()),
            .stays(on: id(), because: grounds()), .stopped(on: id(), because: grounds()), .pending,
        ]
        return Rationale(
            instance: id(), decision: all[below(all.count)], refusals: list { $0.refusal() },
            standing: maybe {
                let score = $0.score()
                return Rationale.Standing(
                    score: score,
                    runnerUp: $0.maybe { Rationale.RunnerUp(host: $0.id(), score: $0.score()) })
            })
    }

    mutating func refusal() -> Rationale.Refusal {
        Rationale.Refusal(host: id(), misfit: misfit())
    }

    mutating func plan() -> Plan {
        Plan(
            id: id(), reason: reason(), parent: Revision(counter()), reads: list { $0.read() },
            steps: list { $0.step() }, rationale: list { $0.rationale() },
            bound: Plan.Bound(before: count(), after: count(), lower: count()),
            exceedances: list { $0.exceedance() }, standbys: list { $0.standby() },
            wakes: list { $0.id() })
    }

    mutating func standby() -> Plan.Standby {
        Plan.Standby(
            lost: id(), sleeper: id(), instances: count(), wake: duration(), margin: duration())
    }

    mutating func move() -> Move {
        Move(
            id: id(), instance: id(), kind: one(), source: id(), target: id(), mode: one(),
            generation: Generation(counter()), plan: maybe { $0.id() })
    }

    mutating func outcome() -> Move.Outcome {
        [.done, .rolledBack(reason: text()), .failed(reason: text())][below(3)]
    }

    mutating func occurrence() -> Occurrence {
        let all: [Occurrence.Subject] = [
            .cluster, .host(id()), .workload(id()), .instance(id()), .plan(id()), .move(id()),
        ]
        return Occurrence(
            at: instant(), subject: all[below(all.count)], severity: one(), message: text())
    }
}
