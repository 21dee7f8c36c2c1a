/*
 * station_server: the weather station served over Sun RPC by libtirpc and rpcgen.
 *
 *   station_server [--offline]
 *
 * Listens on 127.0.0.1 at a port of the kernel's choice, registers with no
 * portmapper, prints "READY <port>" and serves until its standard input ends,
 * so that it never outlives whoever started it. With --offline, `latest` always
 * answers with the fault Offline.
 *
 * It deliberately serves one connection at a time within a request, as every
 * program made by rpcgen does, and keeps all it is told in memory without limit.
 */

#include <rpc/rpc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "serving.h"
#include "station.h"

/* Made by rpcgen -m, which declares it nowhere. */
extern void station_program_1(struct svc_req *request, SVCXPRT *transport);

static bool offline;
static struct Reading *readings;
static size_t reading_count;
static uint32_t report_count;

static struct Reading *find_reading(const char *place)
{
    for (size_t index = 0; index < reading_count; index++)
        if (strcmp(readings[index].place, place) == 0)
            return &readings[index];
    return NULL;
}

static void put_reading(const char *place, double celsius, int64_t at)
{
    struct Reading *reading = find_reading(place);

    if (reading == NULL) {
        struct Reading *grown = realloc(readings, (reading_count + 1) * sizeof *readings);
        char *name = strdup(place);

        if (grown == NULL || name == NULL)
            fail("cannot keep a reading");
        readings = grown;
        reading = &readings[reading_count++];
        reading->place = name;
    }
    reading->celsius = celsius;
    reading->at = at;
}

LatestResult *latest_1_svc(Place place, struct svc_req *request)
{
    static LatestResult result;
    const struct Reading *reading = find_reading(place);

    (void)request;
    memset(&result, 0, sizeof result);
    if (offline) {
        result.status = 1;
        result.LatestResult_u.error.kind = 1;
    } else if (reading == NULL) {
        /* The argument is freed only after the reply has been encoded. */
        result.status = 1;
        result.LatestResult_u.error.kind = 0;
        result.LatestResult_u.error.StationError_u.unknown_place = place;
    } else {
        result.status = 0;
        result.LatestResult_u.ok = *reading;
    }
    return &result;
}

double *mean_1_svc(CelsiusList list, struct svc_req *request)
{
    static double result;
    double sum = 0.0;

    (void)request;
    for (u_int index = 0; index < list.CelsiusList_len; index++)
        sum += list.CelsiusList_val[index];
    result = list.CelsiusList_len == 0 ? 0.0 : sum / list.CelsiusList_len;
    return &result;
}

void *report_1_svc(Reading reading, struct svc_req *request)
{
    (void)request;
    put_reading(reading.place, reading.celsius, reading.at);
    report_count++;
    return NULL; /* one-way: the dispatcher sends nothing */
}

u_int *count_1_svc(struct svc_req *request)
{
    static u_int result;

    (void)request;
    result = report_count;
    return &result;
}

int main(int argc, char **argv)
{
    uint16_t port = 0;
    SVCXPRT *transport;

    if (argc == 2 && strcmp(argv[1], "--offline") == 0)
        offline = true;
    else if (argc != 1) {
        fprintf(stderr, "usage: station_server [--offline]\n");
        return 2;
    }
    put_reading("Oslo", -3.5, 1700000000);
    put_reading("Bergen", 6.25, 1700000060);

    transport = svc_vc_create(bind_socket(SOCK_STREAM, "127.0.0.1", &port), 0, 0);
    if (transport == NULL) {
        fprintf(stderr, "station_server: libtirpc refused the listening socket\n");
        return 1;
    }
    /* Without a netconfig nothing is told to rpcbind. */
    if (!svc_reg(transport, STATION_PROGRAM, STATION_VERSION, station_program_1, NULL)) {
        fprintf(stderr, "station_server: libtirpc refused the program\n");
        return 1;
    }
    printf("READY %u\n", (unsigned)port);
    fflush(stdout);
    serve_until_standard_input_ends();
    return 0;
}
