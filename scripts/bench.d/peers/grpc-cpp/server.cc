// The gRPC C++ peer of scripts/bench wire: its callback API, which is its fastest.
//
//   server PORT TLS-PORT CERTIFICATE.pem KEY.pem
#include <grpcpp/grpcpp.h>

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "bench/v1/bench.grpc.pb.h"

namespace bench = huddle::bench::v1;

namespace {

class ChunkWriter final : public grpc::ServerWriteReactor<bench::Chunk> {
  public:
    ChunkWriter(uint32_t count, uint32_t bytes) : left_(count) {
        chunk_.set_data(std::string(bytes, '\0'));
        Next();
    }
    void OnWriteDone(bool ok) override {
        if (ok) Next(); else Finish(grpc::Status::CANCELLED);
    }
    void OnDone() override { delete this; }

  private:
    void Next() {
        if (left_ == 0) {
            Finish(grpc::Status::OK);
            return;
        }
        left_ -= 1;
        StartWrite(&chunk_);
    }

    uint32_t left_;
    bench::Chunk chunk_;
};

class Service final : public bench::Bench::CallbackService {
    grpc::ServerUnaryReactor* Sum(grpc::CallbackServerContext* context, const bench::SumRequest* request,
                                  bench::SumReply* reply) override {
        reply->set_sum(request->a() + request->b());
        auto* reactor = context->DefaultReactor();
        reactor->Finish(grpc::Status::OK);
        return reactor;
    }
    grpc::ServerWriteReactor<bench::Chunk>* Bulk(grpc::CallbackServerContext*,
                                                 const bench::BulkRequest* request) override {
        return new ChunkWriter(request->count(), request->bytes());
    }
};

std::string Content(const char* path) {
    std::stringstream content;
    content << std::ifstream(path).rdbuf();
    return content.str();
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 5) {
        std::cerr << "usage: server PORT TLS-PORT CERTIFICATE.pem KEY.pem\n";
        return 2;
    }
    grpc::SslServerCredentialsOptions tls;
    tls.pem_key_cert_pairs.push_back({Content(arguments[4]), Content(arguments[3])});
    Service service;
    grpc::ServerBuilder builder;
    builder.AddListeningPort(std::string("127.0.0.1:") + arguments[1], grpc::InsecureServerCredentials());
    builder.AddListeningPort(std::string("127.0.0.1:") + arguments[2], grpc::SslServerCredentials(tls));
    builder.RegisterService(&service);
    auto server = builder.BuildAndStart();
    if (!server) return 1;
    server->Wait();
}
