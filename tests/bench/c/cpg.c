/*
 * A member of a group of corosync's: sends and takes messages in agreed order by the library cpg, in one thread.
 *
 *   cpg ORIGIN MEMBERS
 *
 * It says READY when the group has so many members, and then does jobs, a line each:
 *
 *   latency MILLISECONDS BYTES       one message after the other, each until it is delivered here
 *   flood MILLISECONDS BYTES WINDOW  as many as are taken, until all are delivered here
 *   paced MILLISECONDS RATE FILE     READY and a word first, then so many a second; what is delivered
 *                                    is written to the file; then GAP and the longest time between two deliveries, in microseconds
 *   state                            answered by STATE, deliveries, digest of all in order, and faults
 *
 * Every message says who sent it and its number. A fault is a message that is not the next of its sender.
 */

#include "bench.h"

#include <corosync/cpg.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MEMBERS_MAX = 64, MESSAGE_BYTES_MAX = 64 * 1024 };

struct head {
    uint32_t origin;
    uint32_t unused;
    uint64_t number;
};

static cpg_handle_t handle;
static uint32_t own_origin;
static size_t group_members;
static uint64_t sent, own_delivered, delivered, digest, faults;
static uint64_t last_numbers[MEMBERS_MAX];
static uint64_t last_at, longest_gap;
static int log_file = -1;
static char message[MESSAGE_BYTES_MAX];

static uint64_t mix(uint64_t before, uint64_t word)
{
    uint64_t mixed = (before ^ word) * 0x9E3779B97F4A7C15U;

    return mixed ^ (mixed >> 29);
}

static void note_time(void)
{
    uint64_t now = now_ns();

    if (last_at != 0 && now - last_at > longest_gap)
        longest_gap = now - last_at;
    last_at = now;
}

static void on_delivery(cpg_handle_t from, const struct cpg_name *group, uint32_t node, uint32_t pid, void *bytes,
                        size_t count)
{
    struct head head;

    (void)from, (void)group, (void)node, (void)pid;
    if (count < sizeof head) {
        faults++;
        return;
    }
    memcpy(&head, bytes, sizeof head);
    if (head.origin >= MEMBERS_MAX || head.number != last_numbers[head.origin] + 1)
        faults++;
    if (head.origin < MEMBERS_MAX)
        last_numbers[head.origin] = head.number;
    own_delivered += head.origin == own_origin;
    delivered++;
    digest = mix(mix(digest, head.origin), head.number);
    if (log_file >= 0) {
        note_time();
        if (write(log_file, &head, sizeof head) != sizeof head)
            fail("log");
    }
}

static void on_change(cpg_handle_t from, const struct cpg_name *group, const struct cpg_address *members,
                      size_t member_count, const struct cpg_address *left, size_t left_count,
                      const struct cpg_address *joined, size_t joined_count)
{
    (void)from, (void)group, (void)members, (void)left, (void)left_count, (void)joined, (void)joined_count;
    group_members = member_count;
}

static void check(cs_error_t error, const char *what)
{
    if (error != CS_OK) {
        fprintf(stderr, "%s: %s\n", what, cs_strerror(error));
        exit(1);
    }
}

static int cpg_descriptor(void)
{
    int descriptor;

    check(cpg_fd_get(handle, &descriptor), "cpg_fd_get");
    return descriptor;
}

/* Joins the group. The daemon has no way to say that it is there but to answer. */
static void join(void)
{
    cpg_callbacks_t callbacks = { .cpg_deliver_fn = on_delivery, .cpg_confchg_fn = on_change };
    struct cpg_name group = { .length = 5, .value = "bench" };
    cs_error_t error;

    while ((error = cpg_initialize(&handle, &callbacks)) != CS_OK) {
        if (error != CS_ERR_TRY_AGAIN && error != CS_ERR_LIBRARY)
            check(error, "cpg_initialize");
        poll(NULL, 0, 20);
    }
    while ((error = cpg_join(handle, &group)) == CS_ERR_TRY_AGAIN)
        poll(NULL, 0, 20);
    check(error, "cpg_join");
}

/* Takes what has come; waits for so many milliseconds when nothing has, -1 for ever. */
static void take(int milliseconds)
{
    struct pollfd ready = { .fd = cpg_descriptor(), .events = POLLIN };
    int count = poll(&ready, 1, milliseconds);

    if (count < 0 && errno != EINTR)
        fail("poll");
    if (count > 0)
        check(cpg_dispatch(handle, CS_DISPATCH_ALL), "cpg_dispatch");
}

/* Whether it was taken. */
static int give(size_t bytes)
{
    struct head head = { .origin = own_origin, .number = sent + 1 };
    struct iovec parts = { .iov_base = message, .iov_len = bytes };
    cs_error_t error;

    memcpy(message, &head, sizeof head);
    error = cpg_mcast_joined(handle, CPG_TYPE_AGREED, &parts, 1);
    if (error == CS_ERR_TRY_AGAIN)
        return 0;
    check(error, "cpg_mcast_joined");
    sent++;
    return 1;
}

static void give_and_take(size_t bytes)
{
    while (!give(bytes))
        take(1);
    while (own_delivered < sent)
        take(-1);
}

static void latency(const char *milliseconds, size_t bytes)
{
    struct measurement measurement;
    uint64_t before;

    for (int i = 0; i < WARM_UP_CALLS; i++)
        give_and_take(bytes);
    measurement_start(&measurement, getpid(), milliseconds);
    for (uint64_t units = 0;; units++) {
        before = now_ns();
        if (!measurement_goes_on(&measurement, before)) {
            measurement_report(&measurement, units);
            return;
        }
        give_and_take(bytes);
        measurement_sample(&measurement, now_ns() - before);
    }
}

static void flood(const char *milliseconds, size_t bytes, uint64_t window)
{
    struct measurement measurement;
    uint64_t before = sent;

    measurement_start(&measurement, getpid(), milliseconds);
    while (measurement_goes_on(&measurement, now_ns())) {
        int taken = 1;

        while (taken && sent - own_delivered < window)
            taken = give(bytes);
        take(1);
    }
    while (own_delivered < sent)
        take(-1);
    measurement_report(&measurement, sent - before);
}

static void paced(const char *milliseconds, uint64_t rate, const char *path)
{
    uint64_t start, end, due, every = 1000000000U / rate;

    log_file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    if (log_file < 0)
        fail("log");
    last_at = longest_gap = 0;
    await_go();
    start = now_ns();
    end = start + (uint64_t)atoll(milliseconds) * 1000000U;
    for (due = start; due < end; due += every) {
        uint64_t now;

        while ((now = now_ns()) < due)
            take((int)((due - now + 999999U) / 1000000U));
        while (!give(64))
            take(1);
    }
    while (own_delivered < sent)
        take(-1);
    printf("GAP %" PRIu64 "\n", longest_gap / 1000U);
    fflush(stdout);
}

static void job(const char *line)
{
    char milliseconds[32], path[512];
    size_t bytes;
    uint64_t number;

    if (sscanf(line, "latency %31s %zu", milliseconds, &bytes) == 2 && bytes <= sizeof message)
        latency(milliseconds, bytes);
    else if (sscanf(line, "flood %31s %zu %" SCNu64, milliseconds, &bytes, &number) == 3 && bytes <= sizeof message)
        flood(milliseconds, bytes, number);
    else if (sscanf(line, "paced %31s %" SCNu64 " %511s", milliseconds, &number, path) == 3 && number > 0)
        paced(milliseconds, number, path);
    else if (strcmp(line, "state\n") == 0)
        printf("STATE %" PRIu64 " %" PRIu64 " %" PRIu64 " 0\n", delivered, digest, faults);
    else
        exit(2);
    fflush(stdout);
}

int main(int count, char **words)
{
    char line[1024];

    if (count != 3) {
        fprintf(stderr, "usage: cpg ORIGIN MEMBERS\n");
        return 2;
    }
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        fail("prctl");
    own_origin = (uint32_t)atoi(words[1]);
    setvbuf(stdin, NULL, _IONBF, 0);
    join();
    while (group_members < (size_t)atoi(words[2]))
        take(-1);
    printf("READY\n");
    fflush(stdout);
    for (;;) {
        struct pollfd ready[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
                                   { .fd = cpg_descriptor(), .events = POLLIN } };

        if (poll(ready, 2, -1) < 0)
            fail("poll");
        if (ready[1].revents != 0)
            check(cpg_dispatch(handle, CS_DISPATCH_ALL), "cpg_dispatch");
        if (ready[0].revents != 0) {
            if (fgets(line, sizeof line, stdin) == NULL)
                return 0;
            job(line);
        }
    }
}
