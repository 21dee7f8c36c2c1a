/*
 * A ring of TCP connections and nothing else: what the hops of a broadcast cost at the least.
 *
 *   rawring OWN_ADDRESS PORT SUCCESSOR_ADDRESS HEAD
 *
 * It listens, says READY, waits for a line, connects to its successor, takes its predecessor's connection and says
 * READY again. All but the head hand on what one read brought with one write. The head does jobs, a line each:
 *
 *   latency MILLISECONDS BYTES   a message goes twice round, again and again; one sample for each
 *   flood MILLISECONDS BYTES     messages go once round, WINDOW_BYTES of them at once
 */

#include "bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <signal.h>
#include <unistd.h>

enum {
    /* What a connection's buffers take without a reader, so that the head never waits in a write. */
    WINDOW_BYTES = 128 * 1024,
    PIECE_BYTES = 256 * 1024,
};

static char piece[PIECE_BYTES];

static struct sockaddr_in address_of(const char *address, const char *port)
{
    struct sockaddr_in all = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };

    if (inet_pton(AF_INET, address, &all.sin_addr) != 1)
        fail("inet_pton");
    return all;
}

static int new_socket(void)
{
    int on = 1;
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);

    if (descriptor < 0 || setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        fail("socket");
    return descriptor;
}

static void without_delay(int descriptor)
{
    int on = 1;

    if (setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)
        fail("setsockopt");
}

static void write_all(int to, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t written = write(to, bytes, count);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            fail("write");
        bytes += written;
        count -= (size_t)written;
    }
}

/* Zero at the end. */
static size_t read_some(int from, size_t room)
{
    ssize_t count = read(from, piece, room);

    if (count < 0)
        fail("read");
    return (size_t)count;
}

static void read_all(int from, size_t count)
{
    while (count > 0) {
        size_t now = read_some(from, count < PIECE_BYTES ? count : PIECE_BYTES);

        if (now == 0)
            exit(1);
        count -= now;
    }
}

static void hand_on(int from, int to)
{
    for (;;) {
        size_t count = read_some(from, PIECE_BYTES);

        if (count == 0)
            exit(0);
        write_all(to, piece, count);
    }
}

static void latency(int from, int to, const char *milliseconds, size_t bytes)
{
    struct measurement measurement;
    uint64_t before;

    for (int i = 0; i < WARM_UP_CALLS; i++) {
        write_all(to, piece, bytes);
        read_all(from, bytes);
    }
    measurement_start(&measurement, getpid(), milliseconds);
    for (uint64_t units = 0;; units++) {
        before = now_ns();
        if (!measurement_goes_on(&measurement, before)) {
            measurement_report(&measurement, units);
            return;
        }
        for (int lap = 0; lap < 2; lap++) {
            write_all(to, piece, bytes);
            read_all(from, bytes);
        }
        measurement_sample(&measurement, now_ns() - before);
    }
}

static void flood(int from, int to, const char *milliseconds, size_t bytes)
{
    struct measurement measurement;
    uint64_t sent = 0, came = 0;

    measurement_start(&measurement, getpid(), milliseconds);
    while (measurement_goes_on(&measurement, now_ns())) {
        size_t room = WINDOW_BYTES - (size_t)(sent - came);

        write_all(to, piece, room);
        sent += room;
        came += read_some(from, PIECE_BYTES);
    }
    read_all(from, (size_t)(sent - came));
    measurement_report(&measurement, sent / bytes);
}

int main(int count, char **words)
{
    struct sockaddr_in own, next;
    int listener = new_socket(), to = new_socket(), from;
    char line[128], milliseconds[32];
    size_t bytes;

    if (count != 5) {
        fprintf(stderr, "usage: rawring OWN_ADDRESS PORT SUCCESSOR_ADDRESS HEAD\n");
        return 2;
    }
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        fail("prctl");
    /* Jobs and the word to begin are read from one description: nothing may be read ahead. */
    setvbuf(stdin, NULL, _IONBF, 0);
    own = address_of(words[1], words[2]);
    next = address_of(words[3], words[2]);
    if (bind(listener, (struct sockaddr *)&own, sizeof own) < 0 || listen(listener, 1) < 0)
        fail("listen");
    printf("READY\n");
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL)
        return 1;
    if (connect(to, (struct sockaddr *)&next, sizeof next) < 0)
        fail("connect");
    without_delay(to);
    from = accept(listener, NULL, NULL);
    if (from < 0)
        fail("accept");
    printf("READY\n");
    fflush(stdout);
    if (atoi(words[4]) == 0)
        hand_on(from, to);
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (sscanf(line, "latency %31s %zu", milliseconds, &bytes) == 2)
            latency(from, to, milliseconds, bytes);
        else if (sscanf(line, "flood %31s %zu", milliseconds, &bytes) == 2)
            flood(from, to, milliseconds, bytes);
        else
            return 2;
    }
    return 0;
}
