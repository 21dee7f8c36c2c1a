/*
 * station_client: calls the weather station over Sun RPC with libtirpc and rpcgen.
 *
 *   station_client HOST PORT latest PLACE
 *   station_client HOST PORT mean [CELSIUS...]
 *   station_client HOST PORT report PLACE CELSIUS AT   one-way, then `count` on the same connection
 *   station_client HOST PORT count
 *   station_client HOST PORT null
 *   station_client HOST PORT procedure NUMBER          no arguments, no result: for holes
 *   station_client HOST PORT bench null|latest|mean|count CALLS
 *
 * Prints one line of JSON: {"ok": ...}, {"error": ...} for a declared fault, or
 * {"failure": {"status": ..., "text": ...}} when the call itself failed, with the
 * number and words of enum clnt_stat. Exits with 0 in all three cases, with 1 when it
 * could not connect and with 2 when it was called wrongly.
 *
 * It deliberately asks no portmapper and never calls a second time.
 */

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <rpc/rpc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "console.h"
#include "station.h"

enum { MEAN_BENCH_VALUES = 3 };

static const struct timeval CALL_TIMEOUT = {10, 0};

void usage(const char *complaint)
{
    fprintf(stderr, "station_client: %s\n", complaint);
    fprintf(stderr, "usage: station_client HOST PORT latest PLACE | mean [CELSIUS...] | "
                    "report PLACE CELSIUS AT | count | null | procedure NUMBER | "
                    "bench null|latest|mean|count CALLS\n");
    exit(2);
}

/* Prints why the last call failed and ends the program. */
static void finish_with_failure(CLIENT *client)
{
    print_json_failure(client);
    putchar('\n');
    exit(0);
}

static CLIENT *connect_to_station(const char *host, const char *port)
{
    struct addrinfo hints;
    struct addrinfo *found;
    struct netbuf address;
    CLIENT *client;
    int problem;
    int stream;

    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    problem = getaddrinfo(host, port, &hints, &found);
    if (problem != 0) {
        fprintf(stderr, "station_client: %s port %s: %s\n", host, port, gai_strerror(problem));
        exit(1);
    }
    stream = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (stream < 0 || connect(stream, found->ai_addr, found->ai_addrlen) < 0) {
        fprintf(stderr, "station_client: %s port %s: %s\n", host, port, strerror(errno));
        exit(1);
    }
    memset(&address, 0, sizeof address);
    address.buf = found->ai_addr;
    address.len = address.maxlen = found->ai_addrlen;
    client = clnt_vc_create(stream, &address, STATION_PROGRAM, STATION_VERSION, 0, 0);
    if (client == NULL) {
        clnt_pcreateerror("station_client");
        exit(1);
    }
    clnt_control(client, CLSET_FD_CLOSE, NULL);
    freeaddrinfo(found);
    return client;
}

/* xdr_void of libtirpc takes no argument at all, which no xdrproc_t may do. */
static bool_t xdr_nothing(XDR *xdrs)
{
    (void)xdrs;
    return TRUE;
}

static enum clnt_stat call_without_values(CLIENT *client, rpcproc_t procedure)
{
    return clnt_call(client, procedure, (xdrproc_t)xdr_nothing, NULL, (xdrproc_t)xdr_nothing,
                     NULL, CALL_TIMEOUT);
}

static void run_procedure(CLIENT *client, rpcproc_t procedure)
{
    if (call_without_values(client, procedure) != RPC_SUCCESS)
        finish_with_failure(client);
    printf("{\"ok\":null}\n");
}

static void run_latest(CLIENT *client, char *place)
{
    LatestResult *result = latest_1(place, client);

    if (result == NULL)
        finish_with_failure(client);
    if (result->status == 0) {
        const Reading *reading = &result->LatestResult_u.ok;

        printf("{\"ok\":{\"place\":");
        print_json_string(reading->place);
        printf(",\"celsius\":");
        print_json_double(reading->celsius);
        printf(",\"at\":%" PRId64 "}}\n", (int64_t)reading->at);
    } else if (result->LatestResult_u.error.kind == 0) {
        printf("{\"error\":{\"UnknownPlace\":");
        print_json_string(result->LatestResult_u.error.StationError_u.unknown_place);
        printf("}}\n");
    } else {
        printf("{\"error\":\"Offline\"}\n");
    }
}

static void run_mean(CLIENT *client, char **texts, int count)
{
    CelsiusList list;
    double *result;

    list.CelsiusList_len = (u_int)count;
    list.CelsiusList_val = calloc((size_t)count + 1, sizeof(double));
    if (list.CelsiusList_val == NULL)
        usage("too many numbers");
    for (int index = 0; index < count; index++)
        list.CelsiusList_val[index] = parse_double(texts[index]);
    result = mean_1(list, client);
    free(list.CelsiusList_val);
    if (result == NULL)
        finish_with_failure(client);
    printf("{\"ok\":");
    print_json_double(*result);
    printf("}\n");
}

static void run_count(CLIENT *client)
{
    u_int *result = count_1(client);

    if (result == NULL)
        finish_with_failure(client);
    printf("{\"ok\":%u}\n", *result);
}

/*
 * The batching idiom: no decoder for a result and no time to wait for one. The
 * request stays in the client's buffer until an ordinary call pushes it out.
 */
static void run_report(CLIENT *client, char **texts)
{
    const struct timeval no_wait = {0, 0};
    Reading reading;

    reading.place = texts[0];
    reading.celsius = parse_double(texts[1]);
    reading.at = parse_integer(texts[2]);
    if (clnt_call(client, REPORT, (xdrproc_t)xdr_Reading, (caddr_t)&reading, NULL, NULL,
                  no_wait) != RPC_SUCCESS)
        finish_with_failure(client);
    run_count(client);
}

static void bench_call(CLIENT *client, const char *operation)
{
    static double values[MEAN_BENCH_VALUES] = {1.0, 2.0, 3.0};
    static char oslo[] = "Oslo";
    int worked;

    if (strcmp(operation, "null") == 0) {
        worked = call_without_values(client, NULLPROC) == RPC_SUCCESS;
    } else if (strcmp(operation, "latest") == 0) {
        LatestResult *result = latest_1(oslo, client);

        worked = result != NULL;
        if (worked)
            clnt_freeres(client, (xdrproc_t)xdr_LatestResult, (caddr_t)result);
    } else if (strcmp(operation, "mean") == 0) {
        CelsiusList list = {MEAN_BENCH_VALUES, values};

        worked = mean_1(list, client) != NULL;
    } else {
        worked = count_1(client) != NULL;
    }
    if (!worked)
        finish_with_failure(client);
}

static void run_bench(CLIENT *client, const char *operation, const char *calls_text)
{
    if (strcmp(operation, "null") != 0 && strcmp(operation, "latest") != 0 &&
        strcmp(operation, "mean") != 0 && strcmp(operation, "count") != 0)
        usage("bench knows null, latest, mean and count");
    measure_calls(operation, calls_text, bench_call, client);
    putchar('\n');
}

int main(int argc, char **argv)
{
    const char *operation;
    char **arguments;
    int count;
    CLIENT *client;

    if (argc < 4)
        usage("too few arguments");
    operation = argv[3];
    arguments = argv + 4;
    count = argc - 4;
    client = connect_to_station(argv[1], argv[2]);
    if (strcmp(operation, "latest") == 0 && count == 1)
        run_latest(client, arguments[0]);
    else if (strcmp(operation, "mean") == 0)
        run_mean(client, arguments, count);
    else if (strcmp(operation, "report") == 0 && count == 3)
        run_report(client, arguments);
    else if (strcmp(operation, "count") == 0 && count == 0)
        run_count(client);
    else if (strcmp(operation, "null") == 0 && count == 0)
        run_procedure(client, NULLPROC);
    else if (strcmp(operation, "procedure") == 0 && count == 1)
        run_procedure(client, (rpcproc_t)parse_integer(arguments[0]));
    else if (strcmp(operation, "bench") == 0 && count == 2)
        run_bench(client, arguments[0], arguments[1]);
    else
        usage("no such operation, or not with these arguments");
    clnt_destroy(client);
    return 0;
}
