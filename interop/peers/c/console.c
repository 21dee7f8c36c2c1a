/* See console.h. */

#include "console.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WARM_UP_CALLS = 100, BENCH_CALLS_MAX = 10 * 1000 * 1000 };

double parse_double(const char *text)
{
    char *end;
    double value = strtod(text, &end);

    if (end == text || *end != '\0')
        usage("not a number");
    return value;
}

int64_t parse_integer(const char *text)
{
    char *end;
    intmax_t value;

    errno = 0;
    value = strtoimax(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0)
        usage("not an integer");
    return value;
}

void print_json_string(const char *text)
{
    putchar('"');
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte == '"' || byte == '\\')
            printf("\\%c", byte);
        else if (byte < 0x20)
            printf("\\u%04x", byte);
        else
            putchar(byte);
    }
    putchar('"');
}

void print_json_double(double value)
{
    char text[64];

    if (!isfinite(value)) {
        printf("\"%s\"", isnan(value) ? "NaN" : value > 0 ? "inf" : "-inf");
        return;
    }
    snprintf(text, sizeof text, "%.17g", value);
    fputs(text, stdout);
    if (strpbrk(text, ".e") == NULL)
        fputs(".0", stdout);
}

void print_json_failure(CLIENT *client)
{
    struct rpc_err error;

    clnt_geterr(client, &error);
    printf("{\"failure\":{\"status\":%d,\"text\":", (int)error.re_status);
    print_json_string(clnt_sperrno(error.re_status));
    if (error.re_status == RPC_PROGVERSMISMATCH || error.re_status == RPC_VERSMISMATCH)
        printf(",\"low\":%lu,\"high\":%lu", (unsigned long)error.re_vers.low,
               (unsigned long)error.re_vers.high);
    if (error.re_status == RPC_AUTHERROR)
        printf(",\"why\":%d", (int)error.re_why);
    printf("}}");
}

static double microseconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare_doubles(const void *left, const void *right)
{
    double first = *(const double *)left;
    double second = *(const double *)right;

    return (first > second) - (first < second);
}

void measure_calls(const char *operation, const char *calls_text,
                   void (*call)(CLIENT *client, const char *operation), CLIENT *client)
{
    int64_t calls = parse_integer(calls_text);
    double *durations;

    if (calls < 1 || calls > BENCH_CALLS_MAX)
        usage("bench makes between 1 and 10000000 calls");
    durations = calloc((size_t)calls, sizeof *durations);
    if (durations == NULL)
        usage("too many calls");
    for (int index = 0; index < WARM_UP_CALLS; index++)
        call(client, operation);
    for (int64_t index = 0; index < calls; index++) {
        double start = microseconds_now();

        call(client, operation);
        durations[index] = microseconds_now() - start;
    }
    qsort(durations, (size_t)calls, sizeof *durations, compare_doubles);
    printf("{\"ok\":{\"operation\":\"%s\",\"calls\":%" PRId64, operation, calls);
    printf(",\"min_us\":%.3f,\"p50_us\":%.3f,\"p99_us\":%.3f}}", durations[0],
           durations[(calls - 1) / 2], durations[(calls - 1) * 99 / 100]);
    free(durations);
}
