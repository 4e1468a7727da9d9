import API
import ClusterModel
import Identity
import RPC
import Specs
import Transport
import Wire

extension ClusterAccess {
    /// Connects to the coordinator of `context`, which has to prove that its authority is the
    /// context's.
    static func connect(
        _ context: ContextFile, timeout: Duration, now: @escaping @Sendable () -> Instant
    ) async throws(RPCStatus) -> ClusterAccess {
        let refusal = Refusal()
        let credentials = try credentials(of: context, now: now, refusal: refusal)
        let endpoint = context.coordinator
        do {
            let client = try await Client.connect(
                host: endpoint.host, port: Int(endpoint.port), tls: credentials, timeout: timeout)
            return ClusterAccess(client: client, timeout: timeout)
        } catch {
            // The handshake only says that it failed; the judge knows why.
            guard let reason = refusal.reason else { throw error }
            throw RPCStatus(.unavailable, "the server is not this cluster's coordinator: \(reason)")
        }
    }

    private static func credentials(
        of context: ContextFile, now: @escaping @Sendable () -> Instant, refusal: Refusal
    ) throws(RPCStatus) -> ClientTLS {
        do {
            let authority = try PEM.der(Array(context.authority.utf8), of: .certificate)
            let trust = ServerTrust(.known(authority: authority))
            return ClientTLS(
                certificateChain: try PEM.blocks(Array(context.certificate.utf8), of: .certificate),
                privateKey: Array(context.key.utf8),
                verify: { chain in
                    do {
                        _ = try trust.judge(chain: chain, at: now())
                        return true
                    } catch {
                        refusal.note("\(error)")
                        return false
                    }
                })
        } catch {
            throw RPCStatus(.unauthenticated, "the context's certificates cannot be read: \(error)")
        }
    }

    /// Every method of `client`; calls with one answer end after `timeout`, streams when they end.
    init(client: Client, timeout: Duration) {
        let cluster = ClusterClient(client: client)
        self.init(
            version: { request async throws(RPCStatus) in
                try await cluster.version(request, timeout: timeout)
            },
            apply: { request async throws(RPCStatus) in
                try await cluster.apply(request, timeout: timeout)
            },
            deleteWorkload: { request async throws(RPCStatus) in
                try await cluster.deleteWorkload(request, timeout: timeout)
            },
            listWorkloads: { request async throws(RPCStatus) in
                try await cluster.listWorkloads(request, timeout: timeout)
            },
            listInstances: { request async throws(RPCStatus) in
                try await cluster.listInstances(request, timeout: timeout)
            },
            listHosts: { request async throws(RPCStatus) in
                try await cluster.listHosts(request, timeout: timeout)
            },
            removeHost: { request async throws(RPCStatus) in
                try await cluster.removeHost(request, timeout: timeout)
            },
            fenceHost: { request async throws(RPCStatus) in
                try await cluster.fenceHost(request, timeout: timeout)
            },
            drainHost: { request async throws(RPCStatus) in
                try await cluster.drainHost(request, timeout: timeout)
            },
            restoreHost: { request async throws(RPCStatus) in
                try await cluster.restoreHost(request, timeout: timeout)
            },
            makePlan: { request async throws(RPCStatus) in
                try await cluster.makePlan(request, timeout: timeout)
            },
            getPlan: { request async throws(RPCStatus) in
                try await cluster.getPlan(request, timeout: timeout)
            },
            runPlan: { request async throws(RPCStatus) in
                Incoming(try await cluster.runPlan(request))
            },
            listMoves: { request async throws(RPCStatus) in
                try await cluster.listMoves(request, timeout: timeout)
            },
            cancelMove: { request async throws(RPCStatus) in
                try await cluster.cancelMove(request, timeout: timeout)
            },
            explain: { request async throws(RPCStatus) in
                try await cluster.explain(request, timeout: timeout)
            },
            events: { request async throws(RPCStatus) in
                Incoming(try await cluster.events(request))
            },
            showPolicy: { request async throws(RPCStatus) in
                try await cluster.showPolicy(request, timeout: timeout)
            },
            setPolicy: { request async throws(RPCStatus) in
                try await cluster.setPolicy(request, timeout: timeout)
            },
            createToken: { request async throws(RPCStatus) in
                try await cluster.createToken(request, timeout: timeout)
            },
            listImages: { request async throws(RPCStatus) in
                try await cluster.listImages(request, timeout: timeout)
            },
            addImage: { source async throws(RPCStatus) in try await Self.send(source, cluster) },
            removeImage: { request async throws(RPCStatus) in
                try await cluster.removeImage(request, timeout: timeout)
            },
            logs: { request async throws(RPCStatus) in
                Incoming(try await cluster.logs(request))
            },
            exec: { start async throws(RPCStatus) in
                try await Self.attach(start, try await cluster.exec())
            },
            console: { start async throws(RPCStatus) in
                try await Self.attach(start, try await cluster.console())
            },
            pauseLoop: { request async throws(RPCStatus) in
                try await cluster.pauseLoop(request, timeout: timeout)
            },
            showLoop: { request async throws(RPCStatus) in
                try await cluster.showLoop(request, timeout: timeout)
            },
            record: { request async throws(RPCStatus) in
                Incoming(try await cluster.record(request))
            },
            confirmHost: { request async throws(RPCStatus) in
                try await cluster.confirmHost(request, timeout: timeout)
            },
            sleepHost: { request async throws(RPCStatus) in
                try await cluster.sleepHost(request, timeout: timeout)
            },
            wakeHost: { request async throws(RPCStatus) in
                try await cluster.wakeHost(request, timeout: timeout)
            },
            close: { await client.close() })
    }

    private static func send(
        _ source: Outgoing<AddImageRequest>, _ cluster: ClusterClient
    ) async throws(RPCStatus) -> Image {
        try await cluster.addImage { sink async throws(RPCStatus) in
            while let message = try await source.next() { try await sink.send(message) }
        }
    }

    private static func attach(
        _ start: TerminalStart, _ call: MessageCall<TerminalRequest, AttachOutput>
    ) async throws(RPCStatus) -> TerminalSession {
        try await call.requests.send(.start(start))
        return TerminalSession(
            send: { message async throws(RPCStatus) in try await call.requests.send(message) },
            next: { () async throws(RPCStatus) in try await call.replies.next() })
    }
}

extension Incoming where Message: WireMessage {
    fileprivate init(_ stream: MessageStream<Message>) {
        self.init { () async throws(RPCStatus) in try await stream.next() }
    }
}
