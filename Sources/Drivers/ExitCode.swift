/// Exit codes that a driver gives where no process has said one.
package enum ExitCode {
    /// Made but never ran, by a start that was interrupted; Podman's own code for "could not be
    /// started".
    package static let neverStarted = 125
    /// Ended, and nobody saw how, as after a loss of power.
    package static let unknown = 255
}
