// What TLS alone can carry: one connection, buffers of 1 MiB, no HTTP/2 and no gRPC.
//
//   stream serve PORT CERTIFICATE.pem KEY.pem   for every connection: writes what `read` asks for
//   stream read PORT COUNT                      reads COUNT buffers and prints the seconds it took, handshake included
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { buffer_bytes = 1 << 20 };
static char buffer[buffer_bytes];

static void require(int holds, const char *what) {
    if (holds) return;
    perror(what);
    exit(1);
}

static struct sockaddr_in loopback(const char *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// The one cipher that every peer is measured with.
static SSL_CTX *context(const SSL_METHOD *method) {
    SSL_CTX *made = SSL_CTX_new(method);
    require(made && SSL_CTX_set_ciphersuites(made, "TLS_AES_128_GCM_SHA256") == 1, "context");
    return made;
}

static SSL *session(SSL_CTX *of, int connection) {
    int one = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    SSL *made = SSL_new(of);
    require(made && SSL_set_fd(made, connection) == 1, "session");
    return made;
}

static void serve(const char *port, const char *certificate, const char *key) {
    SSL_CTX *tls = context(TLS_server_method());
    require(SSL_CTX_use_certificate_chain_file(tls, certificate) == 1, certificate);
    require(SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) == 1, key);
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in address = loopback(port);
    require(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 16) == 0, "listen");
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        if (connection < 0) continue;
        SSL *ssl = session(tls, connection);
        uint32_t count = 0;
        if (SSL_accept(ssl) == 1 && SSL_read(ssl, &count, sizeof count) == sizeof count) {
            for (uint32_t sent = 0; sent < count && SSL_write(ssl, buffer, buffer_bytes) > 0; sent += 1) {
            }
            SSL_shutdown(ssl);
        }
        SSL_free(ssl);
        close(connection);
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int read_all(const char *port, uint32_t count) {
    double from = now();
    SSL_CTX *tls = context(TLS_client_method());
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = loopback(port);
    require(connect(connection, (struct sockaddr *)&address, sizeof address) == 0, "connect");
    SSL *ssl = session(tls, connection);
    require(SSL_connect(ssl) == 1 && SSL_write(ssl, &count, sizeof count) == sizeof count, "handshake");
    uint64_t left = (uint64_t)count * buffer_bytes;
    while (left > 0) {
        int got = SSL_read(ssl, buffer, buffer_bytes);
        require(got > 0, "read");
        left -= (uint64_t)got;
    }
    printf("%.6f\n", now() - from);
    return 0;
}

int main(int count, char **arguments) {
    if (count == 5 && strcmp(arguments[1], "serve") == 0) serve(arguments[2], arguments[3], arguments[4]);
    if (count == 4 && strcmp(arguments[1], "read") == 0) return read_all(arguments[2], (uint32_t)atoi(arguments[3]));
    fputs("usage: stream serve PORT CERTIFICATE.pem KEY.pem | stream read PORT COUNT\n", stderr);
    return 2;
}
