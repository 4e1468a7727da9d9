import CProtobufC

/// A generated function that sets a message's fields to their defaults.
typealias Initialiser<Message> = (UnsafeMutablePointer<Message>) -> Void

/// A C structure that protoc-c made; its first member is `base`.
protocol GeneratedMessage {
    init()

    var base: ProtobufCMessage { get }

    /// Sets every field to its default and `base` to the message's descriptor.
    static var initialise: Initialiser<Self> { get }
}

extension GeneratedMessage {
    /// A message whose fields have their defaults.
    static var empty: Self {
        var message = Self()
        initialise(&message)
        return message
    }
}
