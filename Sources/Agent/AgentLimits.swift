/// Bounds of what an agent queues.
enum AgentLimits {
    /// Every instance of a full host (1 000) twice: a look at the drivers and an answer.
    static let queuedEvents = 2_048
    /// Every instance of a full host at once.
    static let queuedOperations = 1_024
    /// A minute of reports and state changes; the oldest go first, the newest say all.
    static let queuedMessages = 64
    /// Pieces of typed text that a program may be behind.
    static let queuedKeys = 256
    /// How often drivers are asked what runs.
    static let lookInterval = Duration.seconds(2)
    /// How often it is measured at last what a move of an instance would carry: what a guest writes changes within minutes.
    static let loadInterval = Duration.seconds(180)
    /// Between two rounds of that, and between the first two looks at an instance.
    static let loadPause = Duration.seconds(15)
    static let sampleInterval = Duration.seconds(1)
    /// How long an instance may take to end when it is asked to.
    static let stopGrace = Duration.seconds(10)
    /// How long a connection or a call that has no long work may take.
    static let callPatience = Duration.seconds(10)
    /// How long one health check may take.
    static let checkPatience = Duration.seconds(5)
    /// Ends of logs, of at most a MiB each, that wait for the hosts to which their instances went.
    static let departedLogs = 16
    /// How long an earlier log may take to be read, or to come.
    static let logPatience = Duration.seconds(5)
    /// How often it is looked whether an instance that a move stopped goes on.
    static let stayPause = Duration.milliseconds(100)
    /// How often it is looked whether an instance that is followed has left, and how long its driver may then take to
    /// notice.
    static let departurePause = Duration.seconds(2)
    /// Before what the network is to be is tried again.
    static let networkRetry = Duration.seconds(5)
    /// Size of one piece of a file on the wire: a good part of a stream's window.
    static let chunkBytes = 256 << 10
    /// How often the host is asked again what it has; a probe of QEMU costs a process.
    static let surveyInterval = Duration.seconds(60)
    static let surveyIntervalWhileMissing = Duration.seconds(3)
}
