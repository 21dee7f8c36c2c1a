/*
 * diverse_client: calls every procedure of diverse.x over Sun RPC with libtirpc and rpcgen.
 *
 *   diverse_client [OPTIONS] tcp HOST PORT OPERATION [WORDS]
 *   diverse_client [OPTIONS] udp HOST PORT OPERATION [WORDS]
 *   diverse_client [OPTIONS] unix PATH OPERATION [WORDS]
 *   diverse_client [OPTIONS] rpcbind NETID HOST OPERATION [WORDS]    asks HOST's rpcbind for the port
 *
 *   --auth-sys UID,GID[,GID...]   the credential, without it AUTH_NONE
 *   --machine NAME                the machine name in that credential
 *   --program NUMBER, --version NUMBER   others than those of diverse.x: for holes
 *   --retry MILLISECONDS          when a datagram is sent again, 15 s without it; it never backs off
 *   --datagram-bytes BYTES        the largest datagram, 8800 without it
 *
 * Prints one line of JSON (diverse_operations.h). The operation `selftest` runs all others with
 * fixed words and prints {"ok": {"OPERATION WORDS": RESULT, ...}}; `selftest large` adds those with
 * results that fit no datagram. Exits with 0 when there is a line, with 1 when it could not connect
 * and with 2 when it was called wrongly.
 */

#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/in.h>
#include <rpc/rpc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "console.h"
#include "diverse.h"
#include "diverse_operations.h"

enum { WORDS_MAX = 16, GIDS_MAX = 16 };

struct options {
    const char *auth_sys;
    char *machine;
    unsigned program;
    unsigned version;
    int64_t retry_milliseconds;
    u_int datagram_bytes;
};

/* In this order, each on what those before it have left behind in a fresh server. */
static const char *const SELFTEST[] = {
    "null", "touch", "numbers small", "numbers large", "answer 0", "answer -7", "answer 3",
    "answer 4", "answer 21", "scale 2 CIRCLE 1.5", "scale 2 RECTANGLE 1 2 3 4.5",
    "scale 2 NOTHING", "scale -1 POLYGON 1 2 3 4 5", "scale 2 POLYGON", "scale 2 STAR Vega",
    "half 10", "half -9", "reverse", "reverse a=1 b=-2 c=3", "insert 5", "insert 4 5 2 9",
    "insert 9 9", "swap-note full", "swap-note empty", "reverse-blobs 0102030405 aabbcc 01",
    "reverse-blobs 00000000ff - -", "reverse-blobs 0000000000 00010203040506070809101112131415 -",
    "sort-sequences full", "sort-sequences empty", "next-color RED", "next-color GREEN",
    "next-color LIME", "next-color BLUE", "flush", "post first second third", "post fourth",
    "executions", "increment 0", "increment 1", "executions", "who-am-i", "secret", "break-down",
    "procedure 99", "join left BLUE right", "add 1 2 -10", "make-bytes 0", "make-bytes 1001",
    "make-doubles 500", "mirror 1001", "long-list 100",
};
static const char *const LARGE[] = {
    "make-bytes 307200", "make-doubles 100000", "mirror 307200", "long-list 10000",
};

void usage(const char *complaint)
{
    fflush(stdout);
    fprintf(stderr, "diverse_client: %s\n", complaint);
    fprintf(stderr, "usage: diverse_client [--auth-sys UID,GID[,GID...]] [--machine NAME] "
                    "[--program N] [--version N] [--retry MS] [--datagram-bytes N] "
                    "tcp HOST PORT | udp HOST PORT | unix PATH | rpcbind NETID HOST "
                    "OPERATION [WORDS]\noperations:\n  selftest [large]\n");
    print_operations();
    exit(2);
}

static void fail_to_connect(const char *where, const char *why)
{
    fprintf(stderr, "diverse_client: %s: %s\n", where, why);
    exit(1);
}

static CLIENT *checked(CLIENT *client)
{
    if (client == NULL) {
        clnt_pcreateerror("diverse_client");
        exit(1);
    }
    return client;
}

static CLIENT *connect_inet(const char *host, const char *port, int type, struct options options)
{
    struct addrinfo hints;
    struct addrinfo *found;
    struct netbuf address;
    CLIENT *client;
    int problem;
    int link;

    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = type;
    problem = getaddrinfo(host, port, &hints, &found);
    if (problem != 0)
        fail_to_connect(host, gai_strerror(problem));
    link = socket(found->ai_family, type | SOCK_CLOEXEC, 0);
    if (link < 0 || (type == SOCK_STREAM && connect(link, found->ai_addr, found->ai_addrlen) < 0))
        fail_to_connect(host, strerror(errno));
    memset(&address, 0, sizeof address);
    address.buf = found->ai_addr;
    address.len = address.maxlen = found->ai_addrlen;
    if (type == SOCK_STREAM)
        client = clnt_vc_create(link, &address, options.program, DIVERSE_V1, 0, 0);
    else
        client = clnt_dg_create(link, &address, options.program, DIVERSE_V1,
                                options.datagram_bytes, options.datagram_bytes);
    freeaddrinfo(found);
    clnt_control(checked(client), CLSET_FD_CLOSE, NULL);
    return client;
}

static CLIENT *connect_unix(const char *path, struct options options)
{
    struct sockaddr_un where;
    struct netbuf address;
    CLIENT *client;
    int link = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memset(&where, 0, sizeof where);
    where.sun_family = AF_UNIX;
    snprintf(where.sun_path, sizeof where.sun_path, "%s", path);
    if (link < 0 || connect(link, (struct sockaddr *)&where, sizeof where) < 0)
        fail_to_connect(path, strerror(errno));
    memset(&address, 0, sizeof address);
    address.buf = &where;
    address.len = address.maxlen = sizeof where;
    client = clnt_vc_create(link, &address, options.program, DIVERSE_V1, 0, 0);
    clnt_control(checked(client), CLSET_FD_CLOSE, NULL);
    return client;
}

static CLIENT *connect_by_rpcbind(const char *netid, const char *host, struct options options)
{
    struct netconfig *network = getnetconfigent(netid);

    if (network == NULL)
        usage("no such netid: tcp, udp, tcp6, udp6 and local are");
    return checked(clnt_tp_create(host, options.program, DIVERSE_V1, network));
}

static AUTH *auth_sys(const char *claim, char *machine)
{
    uint32_t ids[2 + GIDS_MAX] = {0};
    gid_t gids[GIDS_MAX] = {0};
    int count = 0;
    char *copy = strdup(claim);
    char *rest = copy;
    char *word;

    while (copy != NULL && (word = strsep(&rest, ",")) != NULL) {
        if (count == 2 + GIDS_MAX)
            usage("too many groups");
        ids[count++] = (uint32_t)parse_integer(word);
    }
    if (count < 2)
        usage("--auth-sys takes UID,GID[,GID...]");
    for (int index = 2; index < count; index++)
        gids[index - 2] = ids[index];
    free(copy);
    return authunix_create(machine, ids[0], ids[1], count - 2, gids);
}

static struct options parse_options(int argc, char **argv)
{
    static const struct option known[] = {
        {"auth-sys", required_argument, NULL, 'a'}, {"machine", required_argument, NULL, 'm'},
        {"program", required_argument, NULL, 'p'},  {"version", required_argument, NULL, 'v'},
        {"retry", required_argument, NULL, 'r'},
        {"datagram-bytes", required_argument, NULL, 'd'}, {NULL, 0, NULL, 0},
    };
    static char machine[] = "diverse";
    struct options options = {NULL, machine, DIVERSE_PROGRAM, 0, 0, 0};
    int option;

    /* The plus sign: a negative number among the words is no option. */
    while ((option = getopt_long(argc, argv, "+", known, NULL)) != -1) {
        switch (option) {
        case 'a': options.auth_sys = optarg; break;
        case 'm': options.machine = optarg; break;
        case 'p': options.program = (unsigned)parse_integer(optarg); break;
        case 'v': options.version = (unsigned)parse_integer(optarg); break;
        case 'r': options.retry_milliseconds = parse_integer(optarg); break;
        case 'd': options.datagram_bytes = (u_int)parse_integer(optarg); break;
        default: usage("no such option");
        }
    }
    return options;
}

static void run_line(CLIENT *client, const char *line)
{
    char *words[WORDS_MAX];
    int count = 0;
    char *copy = strdup(line);
    char *rest = copy;

    while (copy != NULL && count < WORDS_MAX && (words[count] = strsep(&rest, " ")) != NULL)
        count++;
    run_operation(client, 0, words, count);
    free(copy);
}

/* A line that comes again counts: the second "executions" is "executions #2". */
static void run_lines(CLIENT *client, const char *const *lines, size_t count, const char *separator)
{
    for (size_t index = 0; index < count; index++) {
        int times = 1;

        for (size_t before = 0; before < index; before++)
            times += strcmp(lines[before], lines[index]) == 0;
        printf("%s\"%s", index == 0 ? separator : ",", lines[index]);
        if (times > 1)
            printf(" #%d", times);
        printf("\":");
        run_line(client, lines[index]);
    }
}

int main(int argc, char **argv)
{
    struct options options = parse_options(argc, argv);
    char **words = argv + optind;
    int count = argc - optind;
    int taken = count > 0 && strcmp(words[0], "unix") == 0 ? 2 : 3;
    CLIENT *client;

    if (count <= taken)
        usage("too few arguments");
    if (strcmp(words[0], "tcp") == 0)
        client = connect_inet(words[1], words[2], SOCK_STREAM, options);
    else if (strcmp(words[0], "udp") == 0)
        client = connect_inet(words[1], words[2], SOCK_DGRAM, options);
    else if (strcmp(words[0], "unix") == 0)
        client = connect_unix(words[1], options);
    else if (strcmp(words[0], "rpcbind") == 0)
        client = connect_by_rpcbind(words[1], words[2], options);
    else
        usage("tcp, udp, unix or rpcbind?");
    if (options.retry_milliseconds > 0) {
        struct timeval retry = {options.retry_milliseconds / 1000,
                                options.retry_milliseconds % 1000 * 1000};

        clnt_control(client, CLSET_RETRY_TIMEOUT, (char *)&retry);
    }
    if (options.auth_sys != NULL) {
        auth_destroy(client->cl_auth);
        client->cl_auth = auth_sys(options.auth_sys, options.machine);
    }
    words += taken;
    count -= taken;
    if (strcmp(words[0], "selftest") == 0) {
        printf("{\"ok\":{");
        run_lines(client, SELFTEST, sizeof SELFTEST / sizeof *SELFTEST, "");
        if (count > 1)
            run_lines(client, LARGE, sizeof LARGE / sizeof *LARGE, ",");
        printf("}}");
    } else {
        run_operation(client, options.version, words, count);
    }
    putchar('\n');
    auth_destroy(client->cl_auth);
    clnt_destroy(client);
    return 0;
}
