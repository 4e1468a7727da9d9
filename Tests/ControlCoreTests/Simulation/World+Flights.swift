import ClusterModel
import ControlCore
import Simulator

/// Switch-overs that go on while nobody at the source watches: QEMU needs no agent for that.
extension World {
    /// The guest stands still and is under way; the agent hears no more of it.
    mutating func takeOff(_ instance: InstanceID, from source: HostID) -> String {
        let number = (hosts[source]?.lastFlight ?? 0) + 1
        hosts[source]?.lastFlight = number
        hosts[source]?.flights[instance] = number
        agenda.add(
            .guestLands(instance, from: source, flight: number),
            at: now + milliseconds(1...(chance(3) ? 150_000 : 20_000)))
        return "the connection to QEMU was lost"
    }

    mutating func guestLands(_ instance: InstanceID, from source: HostID, _ flight: Int) {
        guard hosts[source]?.flights[instance] == flight else { return }
        hosts[source]?.flights[instance] = nil
        guard hosts[source]?.isPowered == true, hosts[source]?.isCutOff == false,
            hosts[source]?.driver.copies[instance] != nil,
            let target = hosts[source]?.driver.streams[instance]
        else { return }
        if canReach(target, from: source),
            hosts[target]?.driver.copies[instance]?.isReceiving == true,
            hosts[target]?.driver.copies[instance]?.isRunning == false
        {
            note("\(instance) lands on \(target)")
            land(instance, from: source, on: target)
        } else {
            // QEMU has its guest go on where nobody took it.
            note("\(instance) goes on at \(source): nobody took it")
            hosts[source]?.driver.copies[instance]?.isRunning = true
        }
        checkCopies(of: instance)
    }

    mutating func land(_ instance: InstanceID, from source: HostID, on target: HostID) {
        hosts[source]?.driver.letGo.insert(instance)
        landings.landed += 1
        hosts[target]?.belongings[instance, default: []].insert(.data)
        if hosts[target]?.driver.copies[instance]?.isBarred == true {
            hosts[target]?.driver.copies[instance]?.hasLanded = true
            landings.barred += 1
        } else {
            hosts[target]?.driver.copies[instance]?.isRunning = true
            presents[instance] = target
        }
        guard hosts[target]?.driver.copies[instance]?.takesPostcopy == true else { return }
        let boot = hosts[source]?.boot ?? 0
        hosts[target]?.driver.copies[instance]?.rest = .coming(from: source, boot: boot)
        landings.partial += 1
        awaitRest(of: instance, on: target)
    }

    private mutating func awaitRest(of instance: InstanceID, on target: HostID) {
        let pause = drill?.moment(in: 500...12_000) ?? milliseconds(100...12_000)
        agenda.add(
            .restComes(instance, to: target, flight: landings.partial), at: now + pause)
    }

    /// Post-copy: neither host has all of the memory by then. Where the source's process has ended it is lost, and the guest with
    /// it; a network that is away for a while only keeps it waiting, and so does a source without power, which says nothing.
    mutating func restComes(_ instance: InstanceID, to target: HostID, _ number: Int) {
        guard number == landings.partial,
            case .coming(let source, let boot) = hosts[target]?.driver.copies[instance]?.rest
        else { return }
        // One that has booted since says nothing either, as long as nobody sends to it.
        let isSilent = hosts[source]?.isPowered != true || hosts[source]?.boot != boot
        let hasRest =
            hosts[source]?.driver.letGo.contains(instance) == true
            && hosts[source]?.driver.copies[instance] != nil
        if !isSilent, !hasRest {
            note("the rest of \(instance) is lost")
            hosts[target]?.driver.copies[instance]?.rest = .lost
            hosts[target]?.driver.copies[instance]?.isRunning = false
            presents[instance] = nil
        } else if !isSilent, canReach(target, from: source) {
            note("the rest of \(instance) has come")
            hosts[target]?.driver.copies[instance]?.rest = .none
        } else {
            awaitRest(of: instance, on: target)
        }
    }

    /// Nothing that ran goes on from before it did, but where the host it ran on has failed.
    mutating func checkPast(_ operation: AgentOperation, on id: HostID) {
        let instance = operation.instance
        switch operation.verb {
        case .resume where hosts[id]?.driver.letGo.contains(instance) == true:
            guard let present = presents[instance], present != id,
                hosts[present]?.isFenced == false
            else { break }
            violation = "\(instance) goes back on \(id) to before it ran on \(present)"
        case .arrive where hosts[id]?.driver.copies[instance]?.hasLanded == true,
            .dismiss where hosts[id]?.driver.copies[instance]?.hasLanded == true:
            presents[instance] = id
        // A lease that ended takes the guest's life, as a power cut does.
        case .stop where presents[instance] == id: presents[instance] = nil
        case .start: presents[instance] = nil
        default: break
        }
    }
}
