/* See serving.h. */

#include "serving.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <rpc/rpc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void fail(const char *what)
{
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
    exit(1);
}

int bind_socket(int type, const char *host, uint16_t *port)
{
    struct addrinfo hints;
    struct addrinfo *found;
    struct sockaddr_in6 bound; /* at least as large as sockaddr_in, and the port is at one place */
    socklen_t length = sizeof bound;
    char service[8];
    int socket_fd;

    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = type;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    snprintf(service, sizeof service, "%u", (unsigned)*port);
    if (getaddrinfo(host, service, &hints, &found) != 0) {
        errno = EINVAL;
        fail(host);
    }
    socket_fd = socket(found->ai_family, type | SOCK_CLOEXEC, 0);
    if (socket_fd < 0)
        fail("socket");
    if (bind(socket_fd, found->ai_addr, found->ai_addrlen) < 0)
        fail("bind");
    freeaddrinfo(found);
    if (type == SOCK_STREAM && listen(socket_fd, SOMAXCONN) < 0)
        fail("listen");
    if (getsockname(socket_fd, (struct sockaddr *)&bound, &length) < 0)
        fail("getsockname");
    *port = ntohs(bound.sin6_port);
    return socket_fd;
}

int bind_unix_socket(const char *path)
{
    struct sockaddr_un address;
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (listener < 0)
        fail("socket");
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        fail(path);
    }
    strcpy(address.sun_path, path);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        fail(path);
    if (listen(listener, SOMAXCONN) < 0)
        fail("listen");
    return listener;
}

/* True when standard input has ended; whatever is written to it is thrown away. */
static bool standard_input_ended(void)
{
    char thrown_away[512];
    ssize_t got = read(STDIN_FILENO, thrown_away, sizeof thrown_away);

    return got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
}

void serve_until_standard_input_ends(void)
{
    struct pollfd *watched = NULL;

    for (;;) {
        size_t transports = (size_t)svc_max_pollfd;
        struct pollfd *grown = realloc(watched, (transports + 1) * sizeof *watched);
        int ready;

        if (grown == NULL)
            fail("cannot watch the connections");
        watched = grown;
        if (transports > 0)
            memcpy(watched, svc_pollfd, transports * sizeof *watched);
        watched[transports].fd = STDIN_FILENO;
        watched[transports].events = POLLIN;
        watched[transports].revents = 0;

        ready = poll(watched, transports + 1, -1);
        if (ready < 0 && errno != EINTR)
            fail("poll");
        if (ready <= 0)
            continue;
        if (watched[transports].revents != 0) {
            ready--;
            if (standard_input_ended())
                break;
        }
        if (ready > 0)
            svc_getreq_poll(watched, ready);
    }
    free(watched);
}
