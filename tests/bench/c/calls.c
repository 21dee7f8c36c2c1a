/* Measuring a client by the functions it calls with; see bench.h. It knows no protocol. */

#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is called, and with what. */
struct job {
    const struct calls *calls;
    void *client;
    const char *measure;
    size_t echo_bytes;
    char *bytes;
    double sum;
};

long number_of(const char *measure, const char *name)
{
    size_t length = strlen(name);

    if (strncmp(measure, name, length) != 0 || measure[length] != ':')
        return -1;
    return atol(measure + length + 1);
}

const double *sum_values(void)
{
    static double values[SUM_VALUES];

    /* Roots: as text they are as long as doubles are. */
    for (int index = 0; index < SUM_VALUES; index++)
        values[index] = sqrt(index);
    return values;
}

double sum_of_values(const double *values, size_t count)
{
    double sum = 0;

    for (size_t index = 0; index < count; index++)
        sum += values[index];
    return sum;
}

static void check_sum(double sum, const struct job *job)
{
    if (sum == job->sum)
        return;
    fprintf(stderr, "wrong sum: %.17g instead of %.17g\n", sum, job->sum);
    exit(1);
}

static void call(const struct job *job)
{
    const struct calls *calls = job->calls;

    if (number_of(job->measure, "echo") >= 0)
        calls->echo(job->client, job->bytes, job->echo_bytes);
    else if (strcmp(job->measure, "sum") == 0)
        check_sum(calls->sum(job->client, (const double *)job->bytes, SUM_VALUES), job);
    else if (strcmp(job->measure, "sum-octets") == 0)
        check_sum(calls->sum_octets(job->client, (const double *)job->bytes, SUM_VALUES), job);
    else
        calls->null(job->client);
}

static void warm_up(const struct job *job)
{
    uint64_t begun;

    for (int index = 0; index < WARM_UP_CALLS; index++)
        job->calls->null(job->client);
    begun = now_ns();
    for (int index = 0; index < LARGE_WARM_UP_CALLS; index++) {
        call(job);
        if (now_ns() - begun > LARGE_WARM_UP_MS * 1000000ULL)
            return;
    }
}

static uint64_t measure_one_way(const struct job *job, const struct measurement *measurement)
{
    static char bytes[POST_BYTES];
    uint64_t before = job->calls->count(job->client);
    uint64_t posts = 0;
    uint64_t last;

    while (measurement_goes_on(measurement, now_ns())) {
        for (int index = 0; index < POSTS_PER_LOOK; index++)
            job->calls->post(job->client, bytes, sizeof bytes);
        posts += POSTS_PER_LOOK;
    }
    last = now_ns() + COUNT_SECONDS_MAX * 1000000000ULL;
    while (job->calls->count(job->client) - before != posts) {
        if (now_ns() > last) {
            fprintf(stderr, "one-way messages were lost\n");
            exit(1);
        }
    }
    return posts;
}

static uint64_t measure_each(const struct job *job, struct measurement *measurement)
{
    uint64_t before = now_ns();
    uint64_t calls = 0;

    while (measurement_goes_on(measurement, before)) {
        uint64_t after;

        call(job);
        after = now_ns();
        measurement_sample(measurement, after - before);
        before = after;
        calls++;
    }
    return calls;
}

void measure_calls(const struct calls *calls, void *client, const char *measure,
                   const char *milliseconds, pid_t server)
{
    struct measurement measurement;
    long echo_bytes = number_of(measure, "echo");
    struct job job = {.calls = calls, .client = client, .measure = measure};

    if (echo_bytes >= 0) {
        job.echo_bytes = (size_t)echo_bytes;
        job.bytes = malloc(job.echo_bytes + 1);
        if (job.bytes == NULL)
            fail("malloc");
        memset(job.bytes, 0x5a, job.echo_bytes);
    } else {
        job.bytes = (char *)sum_values();
        job.sum = sum_of_values(sum_values(), SUM_VALUES);
    }
    warm_up(&job);
    measurement_start(&measurement, server, milliseconds);
    if (strcmp(measure, "one-way") == 0)
        measurement_report(&measurement, measure_one_way(&job, &measurement));
    else
        measurement_report(&measurement, measure_each(&job, &measurement));
}

void measure_links(const struct calls *calls, open_link *open_one, const char *address, long links,
                   pid_t server)
{
    struct measurement measurement;

    calls->null(open_one(address));
    measurement_start(&measurement, server, "0");
    for (long link = 1; link < links; link++)
        calls->null(open_one(address));
    measurement_report(&measurement, (uint64_t)(links - 1));
    wait_for_end();
}
