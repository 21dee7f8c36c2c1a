/*
 * tirpc: the measured interface over libtirpc, as a program by rpcgen would do it: procedures
 * 1 null, 2 echo(opaque<>) -> opaque<>, 3 sum(double<>) -> double, 4 post(opaque<>) without reply,
 * 5 count() -> unsigned hyper.
 *
 *   tirpc serve tcp|udp CORE                                      prints "READY PORT"
 *   tirpc call tcp|udp PORT MEASURE MILLISECONDS CORE SERVER_PID  measures null, echo, sum, one-way
 *
 * It asks no portmapper. One-way calls are ONC's batching: no decoder for a result, no time to wait.
 */

#include "bench.h"

#include <netinet/in.h>
#include <rpc/rpc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROGRAM = 0x20000099, VERSION = 1 };
enum procedure { NULL_CALL = 1, ECHO = 2, SUM = 3, POST = 4, COUNT = 5 };

static const struct timeval CALL_TIMEOUT = {10, 0};
static const struct timeval NO_WAIT = {0, 0};
static const u_int BODY_MAX = 16 * 1024 * 1024;

struct octets {
    char *bytes;
    u_int length;
};

struct values {
    char *doubles;
    u_int length;
};

/* xdr_void of libtirpc takes no argument at all, which no xdrproc_t may do. */
static bool_t xdr_nothing(XDR *xdrs)
{
    (void)xdrs;
    return TRUE;
}

static bool_t xdr_octets(XDR *xdrs, struct octets *octets)
{
    return xdr_bytes(xdrs, &octets->bytes, &octets->length, BODY_MAX);
}

static bool_t xdr_values(XDR *xdrs, struct values *values)
{
    return xdr_array(xdrs, &values->doubles, &values->length, BODY_MAX, sizeof(double),
                     (xdrproc_t)xdr_double);
}

static uint64_t post_count;

static double sum_of(const struct values *values)
{
    double sum = 0;

    for (u_int index = 0; index < values->length; index++)
        sum += ((const double *)values->doubles)[index];
    return sum;
}

static void serve_octets(SVCXPRT *transport, int replies)
{
    struct octets octets = {NULL, 0};

    if (!svc_getargs(transport, (xdrproc_t)xdr_octets, &octets)) {
        svcerr_decode(transport);
        return;
    }
    if (replies)
        svc_sendreply(transport, (xdrproc_t)xdr_octets, &octets);
    else
        post_count++;
    svc_freeargs(transport, (xdrproc_t)xdr_octets, &octets);
}

static void serve_sum(SVCXPRT *transport)
{
    struct values values = {NULL, 0};
    double sum;

    if (!svc_getargs(transport, (xdrproc_t)xdr_values, &values)) {
        svcerr_decode(transport);
        return;
    }
    sum = sum_of(&values);
    svc_sendreply(transport, (xdrproc_t)xdr_double, &sum);
    svc_freeargs(transport, (xdrproc_t)xdr_values, &values);
}

static void dispatch(struct svc_req *request, SVCXPRT *transport)
{
    switch (request->rq_proc) {
    case NULLPROC:
    case NULL_CALL:
        svc_sendreply(transport, (xdrproc_t)xdr_nothing, NULL);
        return;
    case ECHO:
        serve_octets(transport, 1);
        return;
    case SUM:
        serve_sum(transport);
        return;
    case POST:
        serve_octets(transport, 0);
        return;
    case COUNT:
        svc_sendreply(transport, (xdrproc_t)xdr_uint64_t, &post_count);
        return;
    default:
        svcerr_noproc(transport);
    }
}

static SVCXPRT *transport_of(const char *name, uint16_t *port)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int datagrams;

    if (strcmp(name, "udp") != 0)
        return svc_vc_create(listen_on_loopback(port), 0, 0);
    datagrams = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (datagrams < 0 || bind(datagrams, (struct sockaddr *)&address, sizeof address) < 0 ||
        getsockname(datagrams, (struct sockaddr *)&address, &length) < 0) {
        perror("tirpc");
        exit(1);
    }
    *port = ntohs(address.sin_port);
    return svc_dg_create(datagrams, 0, 0);
}

static void serve(const char *name)
{
    uint16_t port;
    SVCXPRT *transport = transport_of(name, &port);

    /* Without a netconfig nothing is told to rpcbind. */
    if (transport == NULL || !svc_reg(transport, PROGRAM, VERSION, dispatch, NULL)) {
        fprintf(stderr, "tirpc: libtirpc refused the socket or the program\n");
        exit(1);
    }
    printf("READY %u\n", (unsigned)port);
    fflush(stdout);
    svc_run();
}

static CLIENT *connect_to(const char *name, const char *port)
{
    struct sockaddr_in address;
    struct netbuf buffer = {sizeof address, sizeof address, &address};
    CLIENT *client;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)atoi(port));
    if (strcmp(name, "udp") == 0)
        client = clnt_dg_create(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), &buffer, PROGRAM,
                                VERSION, 0, 0);
    else
        client = clnt_vc_create(connect_to_loopback(port), &buffer, PROGRAM, VERSION, 0, 0);
    if (client == NULL) {
        clnt_pcreateerror("tirpc");
        exit(1);
    }
    return client;
}

static void check(CLIENT *client, enum clnt_stat status, const char *what)
{
    if (status == RPC_SUCCESS)
        return;
    fprintf(stderr, "tirpc: %s\n", clnt_sperror(client, what));
    exit(1);
}

static void call_null(CLIENT *client)
{
    check(client,
          clnt_call(client, NULL_CALL, (xdrproc_t)xdr_nothing, NULL, (xdrproc_t)xdr_nothing, NULL,
                    CALL_TIMEOUT),
          "null");
}

static void call_echo(CLIENT *client)
{
    static char bytes[ECHO_BYTES];
    struct octets request = {bytes, sizeof bytes};
    struct octets reply = {NULL, 0};

    check(client,
          clnt_call(client, ECHO, (xdrproc_t)xdr_octets, (caddr_t)&request, (xdrproc_t)xdr_octets,
                    (caddr_t)&reply, CALL_TIMEOUT),
          "echo");
    if (reply.length != sizeof bytes)
        exit(1);
    clnt_freeres(client, (xdrproc_t)xdr_octets, (caddr_t)&reply);
}

static void call_sum(CLIENT *client)
{
    static double doubles[SUM_VALUES];
    struct values request = {(char *)doubles, SUM_VALUES};
    double sum;

    doubles[0] = 1;
    check(client,
          clnt_call(client, SUM, (xdrproc_t)xdr_values, (caddr_t)&request, (xdrproc_t)xdr_double,
                    (caddr_t)&sum, CALL_TIMEOUT),
          "sum");
    if (sum != 1)
        exit(1);
}

static void post(CLIENT *client)
{
    static char bytes[POST_BYTES];
    struct octets request = {bytes, sizeof bytes};

    check(client,
          clnt_call(client, POST, (xdrproc_t)xdr_octets, (caddr_t)&request, NULL, NULL, NO_WAIT),
          "post");
}

static uint64_t call_count(CLIENT *client)
{
    uint64_t count;

    check(client,
          clnt_call(client, COUNT, (xdrproc_t)xdr_nothing, NULL, (xdrproc_t)xdr_uint64_t,
                    (caddr_t)&count, CALL_TIMEOUT),
          "count");
    return count;
}

static uint64_t measure_one_way(CLIENT *client, const struct measurement *measurement)
{
    uint64_t before = call_count(client);
    uint64_t posts = 0;

    while (measurement_goes_on(measurement, now_ns())) {
        for (int index = 0; index < POSTS_PER_LOOK; index++)
            post(client);
        posts += POSTS_PER_LOOK;
    }
    if (call_count(client) - before != posts) {
        fprintf(stderr, "tirpc: messages were lost\n");
        exit(1);
    }
    return posts;
}

static uint64_t measure_calls(CLIENT *client, struct measurement *measurement,
                              void (*call)(CLIENT *))
{
    uint64_t before = now_ns();
    uint64_t calls = 0;

    while (measurement_goes_on(measurement, before)) {
        uint64_t after;

        call(client);
        after = now_ns();
        measurement_sample(measurement, after - before);
        before = after;
        calls++;
    }
    return calls;
}

static void measure(CLIENT *client, const char *name, const char *milliseconds, pid_t server)
{
    struct measurement measurement;
    void (*call)(CLIENT *) = strcmp(name, "echo") == 0  ? call_echo
                             : strcmp(name, "sum") == 0 ? call_sum
                                                        : call_null;

    for (int index = 0; index < WARM_UP_CALLS; index++)
        call_null(client);
    for (int index = 0; index < 20; index++)
        call(client);
    measurement_start(&measurement, server, milliseconds);
    if (strcmp(name, "one-way") == 0)
        measurement_report(&measurement, measure_one_way(client, &measurement));
    else
        measurement_report(&measurement, measure_calls(client, &measurement, call));
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "serve") == 0) {
        settle(argv[3]);
        serve(argv[2]);
        return 1;
    }
    if (argc != 8 || strcmp(argv[1], "call") != 0) {
        fprintf(stderr, "tirpc: called wrongly\n");
        return 2;
    }
    settle(argv[6]);
    measure(connect_to(argv[2], argv[3]), argv[4], argv[5], (pid_t)atoi(argv[7]));
    return 0;
}
