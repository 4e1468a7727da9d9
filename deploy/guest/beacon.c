// beacon ADDRESS PORT MILLISECONDS: sends a numbered datagram at that pace, so that a receiver which does not move can
// say when none came. What cannot be sent is not sent again: the next one has the next number.
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

int main(int count, char **words) {
    struct sockaddr_in to = {.sin_family = AF_INET};
    long pace = count == 4 ? atol(words[3]) * 1000000 : 0;
    if (pace <= 0 || inet_pton(AF_INET, words[1], &to.sin_addr) != 1) {
        fputs("usage: beacon ADDRESS PORT MILLISECONDS\n", stderr);
        return 2;
    }
    to.sin_port = htons((uint16_t)atoi(words[2]));
    int out = socket(AF_INET, SOCK_DGRAM, 0);
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (uint32_t number = 0;; number++) {
        uint32_t datagram = htonl(number);
        sendto(out, &datagram, sizeof datagram, 0, (struct sockaddr *)&to, sizeof to);
        next.tv_nsec += pace;
        while (next.tv_nsec >= 1000000000) {
            next.tv_nsec -= 1000000000;
            next.tv_sec++;
        }
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    }
}
