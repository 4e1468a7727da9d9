// holder MEBIBYTES RATE [PORT]: holds that much memory that cannot be compressed, changes RATE MiB of it a second, page after
// page, and sends back every line that it gets on PORT. A change is one byte of a page: all of the page has to be sent again.
// On SIGUSR1 it prints a sum of all it holds; on SIGUSR2 it changes the first eighth, gives a part back and takes it anew.
#include <arpa/inet.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { page = 4096, pages_in_mebibyte = (1 << 20) / page, ticks_per_second = 100 };

static uint64_t state = 88172645463325252u;

// Marsaglia's xorshift: the memory is not to compress, nothing more is asked of it.
static uint64_t next_random(void) {
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static void fill(uint64_t *memory, size_t bytes) {
    for (size_t word = 0; word < bytes / sizeof *memory; word++) memory[word] = next_random();
}

// The numbers of FNV-1a, by words.
static uint64_t sum(const uint64_t *memory, size_t bytes) {
    uint64_t sum = 14695981039346656037u;
    for (size_t word = 0; word < bytes / sizeof *memory; word++) sum = (sum ^ memory[word]) * 1099511628211u;
    return sum;
}

enum { part = 4 << 20 };

// A part of its own, with nothing beside it that the kernel would take together with it.
static uint8_t *take_part(void) {
    uint8_t *room = mmap(NULL, part + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED || mprotect(room + page, part, PROT_READ | PROT_WRITE) != 0) exit(1);
    return room + page;
}

static void change(uint8_t *memory, size_t pages, uint8_t *own) {
    for (size_t at = 0; at < pages / 8; at++) memory[at * page]++;
    munmap(own, part);
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    if (mmap(own, part, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED) exit(1);
    // The other half stays as the kernel gives it.
    fill((uint64_t *)own, part / 2);
}

static void answer(int signals, uint8_t *memory, size_t pages, uint8_t *own) {
    struct signalfd_siginfo got;
    if (read(signals, &got, sizeof got) != sizeof got) return;
    if (got.ssi_signo == SIGUSR2) {
        change(memory, pages, own);
        puts("holder: changed");
    } else {
        unsigned long long sums[] = {sum((uint64_t *)memory, pages * page), sum((uint64_t *)own, part)};
        printf("holder: sum %016llx %016llx\n", sums[0], sums[1]);
    }
    fflush(stdout);
}

static int listen_on(uint16_t port) {
    int door = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (bind(door, (struct sockaddr *)&at, sizeof at) != 0 || listen(door, 16) != 0) {
        perror("holder");
        exit(1);
    }
    return door;
}

static void watch(int events, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    epoll_ctl(events, EPOLL_CTL_ADD, descriptor, &event);
}

static void echo(int connection) {
    char bytes[page];
    ssize_t count = read(connection, bytes, sizeof bytes);
    if (count <= 0 || send(connection, bytes, (size_t)count, MSG_NOSIGNAL) != count) close(connection);
}

int main(int count, char **words) {
    long mebibytes = count > 2 ? atol(words[1]) : 0, rate = count > 2 ? atol(words[2]) : -1;
    if (mebibytes <= 0 || rate < 0) {
        fputs("usage: holder MEBIBYTES RATE [PORT]\n", stderr);
        return 2;
    }
    size_t pages = (size_t)mebibytes * pages_in_mebibyte;
    uint8_t *memory = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return 1;
    fill((uint64_t *)memory, pages * page);
    uint8_t *own = take_part();
    fill((uint64_t *)own, part);

    int events = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec tick = {
        .it_value.tv_nsec = 1, .it_interval.tv_nsec = 1000000000 / ticks_per_second};
    if (rate > 0) timerfd_settime(timer, 0, &tick, NULL);
    watch(events, timer);
    sigset_t asked;
    sigemptyset(&asked);
    sigaddset(&asked, SIGUSR1);
    sigaddset(&asked, SIGUSR2);
    sigprocmask(SIG_BLOCK, &asked, NULL);
    int signals = signalfd(-1, &asked, 0);
    watch(events, signals);
    int door = count > 3 ? listen_on((uint16_t)atoi(words[3])) : -1;
    if (door >= 0) watch(events, door);
    puts("holder: holding");
    fflush(stdout);

    size_t at = 0;
    long owed = 0;
    for (;;) {
        struct epoll_event event;
        if (epoll_wait(events, &event, 1, -1) != 1) continue;
        if (event.data.fd == timer) {
            uint64_t ticks = 0;
            if (read(timer, &ticks, sizeof ticks) != sizeof ticks) continue;
            // What a stopped or starved program has missed is not made up for.
            if (ticks > 10) ticks = 10;
            for (owed += (long)ticks * rate * pages_in_mebibyte; owed >= ticks_per_second; owed -= ticks_per_second) {
                ((volatile uint8_t *)memory)[at * page]++;
                at = (at + 1) % pages;
            }
        } else if (event.data.fd == signals) {
            answer(signals, memory, pages, own);
        } else if (event.data.fd == door) {
            int connection = accept(door, NULL, NULL);
            if (connection >= 0) watch(events, connection);
        } else {
            echo(event.data.fd);
        }
    }
}
