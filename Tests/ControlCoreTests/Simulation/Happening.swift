import ClusterModel
import ControlCore

/// What is going to happen in a simulated world.
enum Happening: Sendable {
    case coordinatorTicks(epoch: Int)
    case coordinatorStarts
    case planned(epoch: Int, PlanJob)
    case audited(epoch: Int, Plan, PlanJob)
    case sessionNoticedLost(epoch: Int, HostID, SessionID)
    case agentTicks(HostID, epoch: Int)
    case agentStarts(HostID)
    case powerReturns(HostID)
    case connects(HostID, epoch: Int)
    case arrivesAtCoordinator(HostID, link: Int, Upward)
    case arrivesAtAgent(HostID, link: Int, Instruction)
    case operationEnds(HostID, epoch: Int, number: Int)
    case flushEnds(HostID, epoch: Int, MoveID)
    /// What is left of a guest under way reaches its target, or does not.
    case guestLands(InstanceID, from: HostID, flight: Int)
    /// The rest of a guest's memory comes to where it runs, or is seen not to.
    case restComes(InstanceID, to: HostID, flight: Int)
    case userActs
    case faultStrikes
    case networkHeals(HostID)
    case storeHeals
    case rejoins(HostID)
    case drilled(DrillAct)
}

/// What an agent sends.
enum Upward: Sendable {
    case hello(AgentHello)
    case news(AgentNews)
}
