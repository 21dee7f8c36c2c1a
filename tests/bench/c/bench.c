/* Pinning, clocks and reports of the measured C programs; see bench.h. It knows no protocol. */

#define _GNU_SOURCE

#include "bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

void settle(const char *core)
{
    cpu_set_t cores;

    CPU_ZERO(&cores);
    CPU_SET((size_t)atoi(core), &cores);
    if (sched_setaffinity(0, sizeof cores, &cores) < 0)
        fail("sched_setaffinity");
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        fail("prctl");
}

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec time;

    if (clock_gettime(clock, &time) < 0)
        fail("clock_gettime");
    return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}

uint64_t now_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

/* User and system time of all threads of another process. */
static uint64_t cpu_ns_of(pid_t pid)
{
    clockid_t clock;

    errno = clock_getcpuclockid(pid, &clock);
    if (errno != 0)
        fail("clock_getcpuclockid");
    return clock_ns(clock);
}

void await_go(void)
{
    char word;

    printf("READY\n");
    fflush(stdout);
    if (read(STDIN_FILENO, &word, 1) != 1)
        exit(1);
}

void measurement_start(struct measurement *measurement, pid_t server, const char *milliseconds)
{
    memset(measurement, 0, sizeof *measurement);
    measurement->server = server;
    measurement->duration_ns = (uint64_t)atoll(milliseconds) * 1000000U;
    measurement->samples_max = 1 << 20;
    measurement->samples = malloc(measurement->samples_max * sizeof *measurement->samples);
    if (measurement->samples == NULL)
        fail("malloc");
    memset(measurement->samples, 0, measurement->samples_max * sizeof *measurement->samples);
    await_go();
    measurement->own_cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    measurement->server_cpu_ns = cpu_ns_of(server);
    measurement->start_ns = now_ns();
}

int measurement_goes_on(const struct measurement *measurement, uint64_t now)
{
    return now - measurement->start_ns < measurement->duration_ns;
}

void measurement_sample(struct measurement *measurement, uint64_t nanoseconds)
{
    if (measurement->sample_count == measurement->samples_max)
        return;
    measurement->samples[measurement->sample_count++] =
        nanoseconds > UINT32_MAX ? UINT32_MAX : (uint32_t)nanoseconds;
}

void measurement_report(struct measurement *measurement, uint64_t units)
{
    uint64_t wall = now_ns() - measurement->start_ns;
    uint64_t own = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - measurement->own_cpu_ns;
    uint64_t server = cpu_ns_of(measurement->server) - measurement->server_cpu_ns;

    printf("RESULT %llu %llu %llu %llu %zu\n", (unsigned long long)units, (unsigned long long)wall,
           (unsigned long long)own, (unsigned long long)server, measurement->sample_count);
    fwrite(measurement->samples, sizeof *measurement->samples, measurement->sample_count, stdout);
    if (fflush(stdout) != 0)
        fail("standard output");
}

void wait_for_end(void)
{
    char byte;

    while (read(STDIN_FILENO, &byte, 1) > 0)
        continue;
}

int listen_on_loopback(uint16_t *port)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (listener < 0)
        fail("socket");
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        fail("bind");
    if (listen(listener, SOMAXCONN) < 0)
        fail("listen");
    if (getsockname(listener, (struct sockaddr *)&address, &length) < 0)
        fail("getsockname");
    *port = ntohs(address.sin_port);
    return listener;
}

int connect_to_loopback(const char *port)
{
    struct sockaddr_in address;
    int one = 1;
    int stream = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (stream < 0)
        fail("socket");
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)atoi(port));
    if (connect(stream, (struct sockaddr *)&address, sizeof address) < 0)
        fail("connect");
    if (setsockopt(stream, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0)
        fail("TCP_NODELAY");
    return stream;
}
