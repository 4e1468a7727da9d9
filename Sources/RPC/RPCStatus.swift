/// How a call ended: a gRPC status.
package struct RPCStatus: Error, Hashable, Sendable {
    /// The closed set of gRPC's codes.
    /// - Source: grpc/doc/statuscodes.md.
    package enum Code: Int, Hashable, Sendable, CaseIterable {
        case ok = 0
        case cancelled, unknown, invalidArgument, deadlineExceeded, notFound, alreadyExists
        case permissionDenied, resourceExhausted, failedPrecondition, aborted, outOfRange
        case unimplemented, `internal`, unavailable, dataLoss, unauthenticated
    }

    package let code: Code

    /// For people; empty for OK.
    package let message: String

    /// More for programs, as a serialized `google.rpc.Status` or whatever the two sides agree on; at most
    /// `Limits.statusDetailsBytes`, or it stays behind.
    package let details: [UInt8]

    package init(_ code: Code, _ message: String, details: [UInt8] = []) {
        self.code = code
        self.message = message
        self.details = details
    }

    /// The call went well.
    package static let ok = RPCStatus(.ok, "")
}
