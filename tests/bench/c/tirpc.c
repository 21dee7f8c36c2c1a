/*
 * tirpc: the measured interface over libtirpc, as a program by rpcgen would do it: procedures
 * 1 null, 2 echo(opaque<>) -> opaque<>, 3 sum(double<>) -> double, 4 post(opaque<>) without reply,
 * 5 count() -> unsigned hyper.
 *
 *   tirpc serve tcp|udp CORE                                      prints "READY PORT"
 *   tirpc call tcp|udp PORT MEASURE MILLISECONDS CORE SERVER_PID  measures null, echo:N, sum, one-way
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
    sum = sum_of_values((const double *)values.doubles, values.length);
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

static void call_null(void *client)
{
    check(client,
          clnt_call((CLIENT *)client, NULL_CALL, (xdrproc_t)xdr_nothing, NULL,
                    (xdrproc_t)xdr_nothing, NULL, CALL_TIMEOUT),
          "null");
}

static void call_echo(void *client, const char *bytes, size_t count)
{
    struct octets request = {(char *)bytes, (u_int)count};
    struct octets reply = {NULL, 0};

    check(client,
          clnt_call((CLIENT *)client, ECHO, (xdrproc_t)xdr_octets, (caddr_t)&request,
                    (xdrproc_t)xdr_octets, (caddr_t)&reply, CALL_TIMEOUT),
          "echo");
    if (reply.length != count)
        exit(1);
    clnt_freeres((CLIENT *)client, (xdrproc_t)xdr_octets, (caddr_t)&reply);
}

static double call_sum(void *client, const double *values, size_t count)
{
    struct values request = {(char *)values, (u_int)count};
    double sum;

    check(client,
          clnt_call((CLIENT *)client, SUM, (xdrproc_t)xdr_values, (caddr_t)&request,
                    (xdrproc_t)xdr_double, (caddr_t)&sum, CALL_TIMEOUT),
          "sum");
    return sum;
}

static void post(void *client, const char *bytes, size_t count)
{
    struct octets request = {(char *)bytes, (u_int)count};

    check(client,
          clnt_call((CLIENT *)client, POST, (xdrproc_t)xdr_octets, (caddr_t)&request, NULL, NULL,
                    NO_WAIT),
          "post");
}

static uint64_t call_count(void *client)
{
    uint64_t count;

    check(client,
          clnt_call((CLIENT *)client, COUNT, (xdrproc_t)xdr_nothing, NULL,
                    (xdrproc_t)xdr_uint64_t, (caddr_t)&count, CALL_TIMEOUT),
          "count");
    return count;
}

static const struct calls CALLS = {
    .null = call_null,
    .echo = call_echo,
    .sum = call_sum,
    .post = post,
    .count = call_count,
};

static void *open_tcp(const char *port)
{
    return connect_to("tcp", port);
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
    if (number_of(argv[4], "links") > 0)
        measure_links(&CALLS, open_tcp, argv[3], number_of(argv[4], "links"),
                      (pid_t)atoi(argv[7]));
    measure_calls(&CALLS, connect_to(argv[2], argv[3]), argv[4], argv[5], (pid_t)atoi(argv[7]));
    return 0;
}
