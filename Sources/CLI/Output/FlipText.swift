import ClusterModel
import Specs

/// What would have to be otherwise for a host to have an instance, in words.
enum FlipText {
    static func words(_ flip: Flip) -> String {
        flip.changes.map { words($0) }.joined(separator: ", and ")
    }

    static func words(_ change: Flip.Change) -> String {
        switch change {
        case .ready(let host): "\(host) were ready"
        case .capability(let host, let name): "\(host) had \(name.rawValue)"
        case .label(let host, let label): "\(host) had the label \(words(label))"
        case .unlabel(let host, let label): "\(host) had not the label \(words(label))"
        case .untaint(let host, let label): "\(host) had not the taint \(words(label))"
        case .room(let host, let room): "\(host) had room for \(HumanText.resources(room)) more"
        case .leave(let instance, let host): "\(instance) left \(host)"
        case .bring(let instance, let host): "\(instance) were on \(host)"
        case .settle(let instance): "what is under way with \(instance) were over"
        case .run(let instance): "\(instance) were running"
        case .tolerate(let workload, let label): "\(workload) tolerated \(words(label))"
        case .dropNeed(let workload, let label): "\(workload) did not need \(words(label))"
        case .dropAvoid(let workload, let label): "\(workload) did not avoid \(words(label))"
        case .dropApart(let workload): "\(workload) had no rule apart"
        case .dropSpread(let workload): "\(workload) had no rule spread"
        case .allow(let workload, let mode): "\(workload) allowed \(mode.rawValue) moves"
        case .smaller(let instance, let amount):
            "\(instance) counted for \(HumanText.resources(amount)) less"
        case .recovery(let workload, let time):
            "\(workload) had the recoveryTime \(time.notation)"
        case .ceilingCPU(let share): "ceiling.cpu were \(share.notation)"
        case .ceilingMemory(let share): "ceiling.memory were \(share.notation)"
        case .rest(let rest): "rest were \(rest.notation)"
        case .reserve(let hosts): "reserve were \(hosts) \(hosts == 1 ? "host" : "hosts")"
        case .wait(let until): "it were \(HumanText.time(until))"
        }
    }

    private static func words(_ label: Label) -> String { "\(label.name)=\(label.value)" }
}
