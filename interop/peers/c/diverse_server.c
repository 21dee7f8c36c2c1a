/*
 * diverse_server: every procedure of diverse.x served over Sun RPC by libtirpc and rpcgen.
 *
 *   diverse_server [--host ADDRESS] [--tcp PORT] [--udp PORT] [--unix PATH] [--rpcbind]
 *                  [--cache ENTRIES] [--datagram-bytes BYTES]
 *
 * Listens over TCP and UDP at 127.0.0.1 and ports of the kernel's choice, unless told otherwise,
 * and at a Unix stream socket when given a path. With --rpcbind, everything is registered with the
 * rpcbind of this host, and unregistered at the end. With --cache, libtirpc's duplicate request
 * cache is on for UDP. Prints "READY " and an object of the two ports, and serves until its standard
 * input ends.
 *
 * It deliberately serves one request at a time, as every program made by rpcgen does. What the
 * procedures do is in diverse_procedures.c.
 */

#include <errno.h>
#include <getopt.h>
#include <rpc/rpc.h>
#include <rpc/svc_dg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "diverse.h"
#include "serving.h"

/* Made by rpcgen -m, which declares them nowhere. */
extern void diverse_program_1(struct svc_req *request, SVCXPRT *transport);
extern void diverse_program_2(struct svc_req *request, SVCXPRT *transport);

struct options {
    const char *host;
    uint16_t tcp;
    uint16_t udp;
    const char *unix_path;
    bool rpcbind;
    unsigned cache_entries;
    unsigned datagram_bytes;
};

static unsigned parse_unsigned(const char *text, unsigned long max)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (end == text || *end != '\0' || value > max) {
        fprintf(stderr, "diverse_server: %s is not a number up to %lu\n", text, max);
        exit(2);
    }
    return (unsigned)value;
}

static struct options parse_options(int argc, char **argv)
{
    static const struct option known[] = {
        {"host", required_argument, NULL, 'h'}, {"tcp", required_argument, NULL, 't'},
        {"udp", required_argument, NULL, 'u'},  {"unix", required_argument, NULL, 'x'},
        {"rpcbind", no_argument, NULL, 'r'},    {"cache", required_argument, NULL, 'c'},
        {"datagram-bytes", required_argument, NULL, 'd'}, {NULL, 0, NULL, 0},
    };
    struct options options = {"127.0.0.1", 0, 0, NULL, false, 0, 0};
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (option) {
        case 'h': options.host = optarg; break;
        case 't': options.tcp = (uint16_t)parse_unsigned(optarg, UINT16_MAX); break;
        case 'u': options.udp = (uint16_t)parse_unsigned(optarg, UINT16_MAX); break;
        case 'x': options.unix_path = optarg; break;
        case 'r': options.rpcbind = true; break;
        case 'c': options.cache_entries = parse_unsigned(optarg, 100000); break;
        case 'd': options.datagram_bytes = parse_unsigned(optarg, UINT16_MAX); break;
        default: exit(2);
        }
    }
    if (optind != argc) {
        fprintf(stderr, "diverse_server: %s is no option\n", argv[optind]);
        exit(2);
    }
    return options;
}

/* Both versions on this transport; told to rpcbind under this netid, if there is one. */
static void serve_on(SVCXPRT *transport, const char *netid)
{
    struct netconfig *network = netid == NULL ? NULL : getnetconfigent(netid);

    if (transport == NULL || (netid != NULL && network == NULL) ||
        !svc_reg(transport, DIVERSE_PROGRAM, DIVERSE_V1, diverse_program_1, network) ||
        !svc_reg(transport, DIVERSE_PROGRAM, DIVERSE_V2, diverse_program_2, network)) {
        fprintf(stderr, "diverse_server: libtirpc or rpcbind refused %s\n",
                netid == NULL ? "a transport" : netid);
        exit(1);
    }
    if (network != NULL)
        freenetconfigent(network);
}

static void forget_old_registrations(void)
{
    rpcb_unset(DIVERSE_PROGRAM, DIVERSE_V1, NULL);
    rpcb_unset(DIVERSE_PROGRAM, DIVERSE_V2, NULL);
}

int main(int argc, char **argv)
{
    struct options options = parse_options(argc, argv);
    bool ipv6 = strchr(options.host, ':') != NULL;
    SVCXPRT *datagrams;

    if (options.rpcbind)
        forget_old_registrations();
    serve_on(svc_vc_create(bind_socket(SOCK_STREAM, options.host, &options.tcp), 0, 0),
             !options.rpcbind ? NULL : ipv6 ? "tcp6" : "tcp");
    datagrams = svc_dg_create(bind_socket(SOCK_DGRAM, options.host, &options.udp),
                              options.datagram_bytes, options.datagram_bytes);
    serve_on(datagrams, !options.rpcbind ? NULL : ipv6 ? "udp6" : "udp");
    if (options.cache_entries > 0 && !svc_dg_enablecache(datagrams, options.cache_entries)) {
        fprintf(stderr, "diverse_server: libtirpc has no cache of that size\n");
        return 1;
    }
    if (options.unix_path != NULL)
        serve_on(svc_vc_create(bind_unix_socket(options.unix_path), 0, 0),
                 options.rpcbind ? "local" : NULL);
    printf("READY {\"tcp\":%u,\"udp\":%u}\n", (unsigned)options.tcp, (unsigned)options.udp);
    fflush(stdout);
    serve_until_standard_input_ends();
    if (options.rpcbind)
        forget_old_registrations();
    if (options.unix_path != NULL)
        unlink(options.unix_path);
    return 0;
}
