/*
 * What the measured C programs share: pinning, clocks, and how a client reports to the bench.
 * It knows no protocol.
 *
 * A client connects, makes WARM_UP_CALLS calls, prints "READY\n", waits for a line on its standard
 * input, measures for the time it was given, and prints
 *
 *   RESULT <units> <wall ns> <client cpu ns> <server cpu ns> <samples>\n
 *
 * followed by the samples, 32-bit little-endian nanoseconds of one call each.
 */

#ifndef RMIX_BENCH_H
#define RMIX_BENCH_H

#ifdef __cplusplus
extern "C" {
#endif

#include <sys/types.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WARM_UP_CALLS = 500,
    POST_BYTES = 64,
    SUM_VALUES = 125000,
    LARGE_WARM_UP_CALLS = 20,
    LARGE_WARM_UP_MS = 300, /* large calls may be slow: enough of them when it took so long */
    COUNT_SECONDS_MAX = 20, /* how long a server may go on counting what came on other connections */
    POSTS_PER_LOOK = 1000, /* one-way messages between two looks at the clock */
};

/* Prints what failed with errno and ends the program. */
void fail(const char *what);

/* Pins this process to a core, and lets it die with whoever started it. */
void settle(const char *core);

/* Nanoseconds of the monotonic clock. */
uint64_t now_ns(void);

/* A measurement that is running. */
struct measurement {
    pid_t server;
    uint64_t duration_ns;
    uint64_t start_ns;
    uint64_t own_cpu_ns;
    uint64_t server_cpu_ns;
    uint32_t *samples;
    size_t sample_count;
    size_t samples_max;
};

/* Says READY and waits for the word. */
void await_go(void);

/* Says READY, waits for the word, starts the clocks. */
void measurement_start(struct measurement *measurement, pid_t server, const char *milliseconds);

/* Whether the time is not over; `now` is the last reading of the clock. */
int measurement_goes_on(const struct measurement *measurement, uint64_t now);

/* Notes the time of one call. */
void measurement_sample(struct measurement *measurement, uint64_t nanoseconds);

/* Stops the clocks and reports so many units (calls or messages). */
void measurement_report(struct measurement *measurement, uint64_t units);

/* Returns a listening TCP socket on the loopback address and stores its port. */
int listen_on_loopback(uint16_t *port);

/* Connects to 127.0.0.1:PORT, without delay of small writes. */
int connect_to_loopback(const char *port);

/* The number behind the colon of a measure such as `echo:1024`, if it is that measure; else -1. */
long number_of(const char *measure, const char *name);

/* The numbers of a sum, and their sum. */
const double *sum_values(void);
double sum_of_values(const double *values, size_t count);

/* A client of some protocol: each function makes one call, and ends the program when it fails. */
struct calls {
    void (*null)(void *client);
    void (*echo)(void *client, const char *bytes, size_t count);
    double (*sum)(void *client, const double *values, size_t count);
    double (*sum_octets)(void *client, const double *values, size_t count);
    void (*post)(void *client, const char *bytes, size_t count);
    uint64_t (*count)(void *client);
};

/* Warms up, measures `null`, `echo:N`, `sum`, `sum-octets` or `one-way`, and reports. */
void measure_calls(const struct calls *calls, void *client, const char *measure,
                   const char *milliseconds, pid_t server);

/* Opens one more link to an address: what `calls` take as their client. */
typedef void *open_link(const char *address);

/* Opens a link, reports READY, opens all others when told to, each with a null call, reports how many these were, and
 * keeps them until it is killed. */
void measure_links(const struct calls *calls, open_link *open_one, const char *address, long links,
                   pid_t server);

/* Waits until this process is killed or nobody holds the other end of standard input. */
void wait_for_end(void);

#ifdef __cplusplus
}
#endif

#endif
