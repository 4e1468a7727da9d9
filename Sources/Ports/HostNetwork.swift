package import ClusterModel

/// This host's end of the cluster's network.
///
/// Every call may be repeated, and may follow a crash in the middle of an earlier one: what is there already stays,
/// what is missing is made. Nothing of it is tied to the life of the agent.
package protocol HostNetwork: Sendable {
    /// Whether this host can be part of the network, with the reason if not.
    func probe() async -> Capability

    /// Makes the host's end as `map` says, where it differs: bridge, overlay, entries, egress, published ports.
    ///
    /// The map that was applied last, applied again, is compared with what is really there: that repairs what others
    /// have broken.
    func apply(_ map: NetworkMap) async throws(NetworkFailure)

    /// Prepares what `instance` is attached by; with `owner` a tap that this user may open, else a network
    /// namespace with the address and the gateway set up in it.
    ///
    /// - Parameter held: nothing passes to or from a namespace before `connect`: an address that is there without
    ///   the sockets that belong to it would answer its peers with a reset.
    func attach(
        _ instance: InstanceID, address: IPv4Address, owner: UInt32?, held: Bool
    ) async throws(NetworkFailure) -> NetworkAttachment

    /// Path of the network namespace that `instance` is attached by, held or not; `nil` where it has none.
    func namespace(of instance: InstanceID) -> String?

    /// Takes back whatever `attach` made for `instance`; nothing where there is nothing.
    func detach(_ instance: InstanceID) async throws(NetworkFailure)

    /// Lets nothing pass to or from `instance` any more, until it is connected again; what it is attached by stays.
    func hold(_ instance: InstanceID, address: IPv4Address) async throws(NetworkFailure)

    /// Keeps what is sent to `address` from now on, for `connect` to hand over. Nothing where the instance is not
    /// attached.
    ///
    /// What is kept is lost with this process, as it would have been without.
    ///
    /// - Parameter isNowhere: nothing hears it where it was any more. What was kept before that moment and must not be
    ///   heard twice is dropped.
    func gather(
        _ instance: InstanceID, address: IPv4Address, isNowhere: Bool
    ) async throws(NetworkFailure)

    /// Lets out what a held instance sends, and nothing in: it is about to go on, and what it says first must not be lost.
    func unmute(_ instance: InstanceID, address: IPv4Address) async throws(NetworkFailure)

    /// Lets traffic pass, if it was held, hands over what was gathered, and tells the network that `address` is here now: the switches in between
    /// learn it from what is sent.
    func connect(_ instance: InstanceID, address: IPv4Address) async throws(NetworkFailure)
}

/// Why the network of this host is not as it should be.
package struct NetworkFailure: Error, Hashable, Sendable {
    /// What failed, as a sentence for the operator.
    package let message: String
    /// What the system below said.
    package let cause: String?

    package init(_ message: String, cause: String? = nil) {
        self.message = message
        self.cause = cause
    }
}
