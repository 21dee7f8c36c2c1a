/*
 * raw: the least a call can cost. A header of eight bytes (kind, length of what follows), blocking
 * reads and writes, no marshalling.
 *
 *   raw serve tcp|unix CORE [PATH]           one thread per connection; prints "READY ADDRESS"
 *   raw call tcp|unix ADDRESS MEASURE MILLISECONDS CORE SERVER_PID SERVER_CORE
 *   raw call pipe|shm - MEASURE MILLISECONDS CORE - SERVER_CORE   forks its own server
 *
 * With "+epoll" behind the transport each end waits as one that is not alone must: the server with
 * epoll_wait before it reads, as for many connections; the client for a bounded time, on a pipe with
 * ppoll. For the measure null.
 *
 * Measures: null, echo:N, sum, in-flight:N, one-way. What one read brought is answered with one write;
 * the client of in-flight and one-way does the same.
 */

#define _GNU_SOURCE

#include "bench.h"
#include "ring.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum kind { NULL_CALL, ECHO, SUM, POST, COUNT };

struct header {
    uint32_t kind;
    uint32_t length;
};

/* As large as the largest: an echo of 16 MiB. */
enum { MESSAGE_MAX = (int)sizeof(struct header) + 16 * 1024 * 1024, OUTPUT_BYTES = 64 * 1024 };

enum { WINDOW_MAX = 1024 };

/* How many bytes of one-way messages the client gathers for one write. */
enum { POSTED_BYTES = 4096 };

struct stream {
    int input;
    int output;
    /* What is waited with before a read: an epoll instance, WITH_PPOLL, or 0 for the read itself. */
    int waits;
};

enum { WITH_PPOLL = -1 };

/* As long as a call may take, in seconds. */
enum { CALL_SECONDS = 10 };

/* Whether both ends wait as those must that are not alone. */
static int is_not_alone;

/* In the place of descriptors, where the transport is shared memory. */
enum { REQUESTS = -1, REPLIES = -2 };
static struct ring *requests_ring;
static struct ring *replies_ring;

static struct ring *ring_at(int place)
{
    return place == REQUESTS ? requests_ring : replies_ring;
}

static void write_all(int output, const void *bytes, size_t count)
{
    const char *from = bytes;

    if (output < 0) {
        ring_write_all(ring_at(output), bytes, count);
        return;
    }

    while (count > 0) {
        ssize_t wrote = write(output, from, count);

        if (wrote < 0 && errno != EINTR)
            fail("write");
        if (wrote > 0) {
            from += wrote;
            count -= (size_t)wrote;
        }
    }
}

static void wait_for_input(struct stream stream)
{
    const struct timespec bound = {CALL_SECONDS, 0};
    struct pollfd entry = {stream.input, POLLIN, 0};
    struct epoll_event event;

    if (stream.waits == WITH_PPOLL)
        ppoll(&entry, 1, &bound, NULL);
    else if (stream.waits > 0)
        epoll_wait(stream.waits, &event, 1, -1);
}

/* Returns 0 at the end of the stream. */
static size_t read_some(struct stream stream, void *bytes, size_t room)
{
    if (stream.input < 0)
        return ring_read_some(ring_at(stream.input), bytes, room);
    for (;;) {
        ssize_t got;

        wait_for_input(stream);
        got = read(stream.input, bytes, room);

        if (got >= 0)
            return (size_t)got;
        if (errno == ECONNRESET)
            return 0;
        if (errno != EINTR && errno != EAGAIN)
            fail("read");
    }
}

/* The server's end, which waits as for many connections: told of once what has come. */
static struct stream waiting_with_epoll(struct stream stream)
{
    struct epoll_event interest = {.events = EPOLLIN | EPOLLET};

    stream.waits = epoll_create1(0);
    if (stream.waits < 0 || epoll_ctl(stream.waits, EPOLL_CTL_ADD, stream.input, &interest) < 0)
        fail("epoll");
    if (fcntl(stream.input, F_SETFL, O_NONBLOCK) < 0)
        fail("fcntl");
    return stream;
}

static void read_all(struct stream stream, void *bytes, size_t count)
{
    char *into = bytes;

    while (count > 0) {
        size_t got = read_some(stream, into, count);

        if (got == 0)
            exit(1);
        into += got;
        count -= got;
    }
}

/* One connection of the server: bytes read and not yet handled, replies not yet written. */
struct session {
    struct stream stream;
    char *input;
    char *output;
    size_t output_length;
    uint64_t posts;
};

static void put_reply(struct session *session, const void *bytes, size_t count)
{
    if (session->output_length + count > OUTPUT_BYTES) {
        write_all(session->stream.output, session->output, session->output_length);
        session->output_length = 0;
    }
    memcpy(session->output + session->output_length, bytes, count);
    session->output_length += count;
}

static double sum_of(const char *bytes, size_t count)
{
    double sum = 0;

    for (size_t index = 0; index < count; index++) {
        double value;

        memcpy(&value, bytes + index * sizeof value, sizeof value);
        sum += value;
    }
    return sum;
}

static void answer(struct session *session, const struct header *header, const char *body)
{
    const struct header null_reply = {NULL_CALL, 0};
    const struct header value_reply = {header->kind, 8};
    double sum;

    switch (header->kind) {
    case NULL_CALL:
        put_reply(session, &null_reply, sizeof null_reply);
        return;
    case ECHO:
        /* The reply is the request: it leaves from where it was read. */
        write_all(session->stream.output, session->output, session->output_length);
        session->output_length = 0;
        write_all(session->stream.output, body - sizeof *header, sizeof *header + header->length);
        return;
    case SUM:
        sum = sum_of(body, header->length / sizeof sum);
        put_reply(session, &value_reply, sizeof value_reply);
        put_reply(session, &sum, sizeof sum);
        return;
    case POST:
        session->posts++;
        return;
    case COUNT:
        put_reply(session, &value_reply, sizeof value_reply);
        put_reply(session, &session->posts, sizeof session->posts);
        return;
    default:
        fprintf(stderr, "raw: kind %u is unknown\n", header->kind);
        exit(1);
    }
}

static void serve(struct stream stream)
{
    struct session session = {.stream = stream};
    size_t filled = 0;

    session.input = malloc(MESSAGE_MAX);
    session.output = malloc(OUTPUT_BYTES);
    if (session.input == NULL || session.output == NULL)
        fail("malloc");
    for (;;) {
        size_t got = read_some(stream, session.input + filled, MESSAGE_MAX - filled);
        size_t at = 0;

        if (got == 0)
            break;
        filled += got;
        while (filled - at >= sizeof(struct header)) {
            struct header header;

            memcpy(&header, session.input + at, sizeof header);
            if (header.length > MESSAGE_MAX - sizeof header)
                exit(1);
            if (filled - at < sizeof header + header.length)
                break;
            answer(&session, &header, session.input + at + sizeof header);
            at += sizeof header + header.length;
        }
        if (session.output_length > 0) {
            write_all(stream.output, session.output, session.output_length);
            session.output_length = 0;
        }
        memmove(session.input, session.input + at, filled - at);
        filled -= at;
    }
    free(session.input);
    free(session.output);
}

static void *serve_connection(void *connection)
{
    int one = 1;
    struct stream stream = {(int)(intptr_t)connection, (int)(intptr_t)connection, 0};

    /* Fails on a Unix socket, where there is no delay. */
    (void)setsockopt(stream.input, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    serve(is_not_alone ? waiting_with_epoll(stream) : stream);
    close(stream.input);
    return NULL;
}

static struct sockaddr_un unix_address(const char *path)
{
    struct sockaddr_un address;

    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address.sun_path)
        exit(2);
    strcpy(address.sun_path, path);
    return address;
}

static int listen_on_path(const char *path)
{
    struct sockaddr_un address = unix_address(path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (listener < 0)
        fail("socket");
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        fail("bind");
    if (listen(listener, SOMAXCONN) < 0)
        fail("listen");
    return listener;
}

static void serve_all(const char *transport, const char *path)
{
    uint16_t port;
    int listener;

    if (strcmp(transport, "unix") == 0) {
        listener = listen_on_path(path);
        printf("READY %s\n", path);
    } else {
        listener = listen_on_loopback(&port);
        printf("READY %u\n", (unsigned)port);
    }
    fflush(stdout);
    for (;;) {
        pthread_t thread;
        int connection = accept(listener, NULL, NULL);

        if (connection < 0)
            fail("accept");
        if (pthread_create(&thread, NULL, serve_connection, (void *)(intptr_t)connection) != 0)
            fail("pthread_create");
        pthread_detach(thread);
    }
}

static struct stream connect_to_path(const char *path)
{
    struct sockaddr_un address = unix_address(path);
    int stream = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (stream < 0)
        fail("socket");
    if (connect(stream, (struct sockaddr *)&address, sizeof address) < 0)
        fail("connect");
    return (struct stream){stream, stream, 0};
}

/* Forks a server that ends when its input does. */
static struct stream start_child(const char *core, pid_t *child)
{
    int requests[2];
    int replies[2];

    if (pipe(requests) < 0 || pipe(replies) < 0)
        fail("pipe");
    *child = fork();
    if (*child < 0)
        fail("fork");
    if (*child == 0) {
        struct stream stream = {requests[0], replies[1], 0};

        close(requests[1]);
        close(replies[0]);
        settle(core);
        serve(is_not_alone ? waiting_with_epoll(stream) : stream);
        _exit(0);
    }
    close(requests[0]);
    close(replies[1]);
    return (struct stream){replies[0], requests[1], is_not_alone ? WITH_PPOLL : 0};
}

/* The same over shared memory; the server dies with this process. */
static struct stream start_sharing_child(const char *core, pid_t *child)
{
    requests_ring = ring_new();
    replies_ring = ring_new();
    if (is_not_alone)
        ring_read_by_bell(requests_ring);
    *child = fork();
    if (*child < 0)
        fail("fork");
    if (*child == 0) {
        settle(core);
        serve((struct stream){REQUESTS, REPLIES, 0});
        _exit(0);
    }
    return (struct stream){REPLIES, REQUESTS, 0};
}

/* Sends `count` bytes of a message that starts with its header; waits for so many bytes. */
static void call(struct stream stream, const char *message, size_t count, char *reply,
                 size_t reply_count)
{
    write_all(stream.output, message, count);
    read_all(stream, reply, reply_count);
}

/* Fills in a message of some kind and returns its length. */
static size_t put_message(char *message, enum kind kind, size_t body_length)
{
    struct header header = {kind, (uint32_t)body_length};

    memcpy(message, &header, sizeof header);
    return sizeof header + body_length;
}

static uint64_t measure_each(struct stream stream, struct measurement *measurement,
                             const char *message, size_t count, char *reply, size_t reply_count)
{
    uint64_t before = measurement->start_ns;
    uint64_t calls = 0;

    while (measurement_goes_on(measurement, before)) {
        uint64_t after;

        call(stream, message, count, reply, reply_count);
        after = now_ns();
        measurement_sample(measurement, after - before);
        before = after;
        calls++;
    }
    return calls;
}

static uint64_t measure_in_flight(struct stream stream, size_t window,
                                  const struct measurement *measurement)
{
    static char requests[WINDOW_MAX * sizeof(struct header)];
    static char replies[WINDOW_MAX * sizeof(struct header)];
    size_t in_flight = 0;
    size_t partly = 0;
    uint64_t calls = 0;
    int going_on = 1;

    if (window > WINDOW_MAX)
        exit(2);
    for (size_t index = 0; index < window; index++)
        put_message(requests + index * sizeof(struct header), NULL_CALL, 0);
    write_all(stream.output, requests, window * sizeof(struct header));
    in_flight = window;
    while (in_flight > 0) {
        size_t got = read_some(stream, replies, sizeof replies);
        size_t done = (partly + got) / sizeof(struct header);

        if (got == 0)
            exit(1);
        partly = (partly + got) % sizeof(struct header);
        calls += done;
        in_flight -= done;
        going_on = going_on && measurement_goes_on(measurement, now_ns());
        if (going_on && done > 0) {
            write_all(stream.output, requests, done * sizeof(struct header));
            in_flight += done;
        }
    }
    return calls;
}

static uint64_t posts_counted(struct stream stream)
{
    char message[sizeof(struct header)];
    char reply[sizeof(struct header) + 8];
    uint64_t posts;

    call(stream, message, put_message(message, COUNT, 0), reply, sizeof reply);
    memcpy(&posts, reply + sizeof(struct header), sizeof posts);
    return posts;
}

static uint64_t measure_one_way(struct stream stream, const struct measurement *measurement)
{
    char gathered[POSTED_BYTES];
    char message[sizeof(struct header) + POST_BYTES] = {0};
    size_t length = put_message(message, POST, POST_BYTES);
    size_t filled = 0;
    uint64_t posts = 0;
    uint64_t before = posts_counted(stream);

    while (measurement_goes_on(measurement, now_ns())) {
        for (int index = 0; index < POSTS_PER_LOOK; index++) {
            if (filled + length > sizeof gathered) {
                write_all(stream.output, gathered, filled);
                filled = 0;
            }
            memcpy(gathered + filled, message, length);
            filled += length;
        }
        posts += POSTS_PER_LOOK;
    }
    write_all(stream.output, gathered, filled);
    if (posts_counted(stream) - before != posts) {
        fprintf(stderr, "raw: messages were lost\n");
        exit(1);
    }
    return posts;
}

/* A body of the size of a measure's request, or -1 for measures that build their own. */
static long request_body(const char *measure, enum kind *kind, size_t *reply_body)
{
    *reply_body = 0;
    *kind = NULL_CALL;
    if (strcmp(measure, "null") == 0)
        return 0;
    if (number_of(measure, "echo") >= 0) {
        *kind = ECHO;
        *reply_body = (size_t)number_of(measure, "echo");
        return number_of(measure, "echo");
    }
    if (strcmp(measure, "sum") == 0) {
        *kind = SUM;
        *reply_body = 8;
        return SUM_VALUES * 8L;
    }
    return -1;
}

static void measure(struct stream stream, const char *name, const char *milliseconds, pid_t server)
{
    static char message[MESSAGE_MAX];
    static char reply[MESSAGE_MAX];
    struct measurement measurement;
    enum kind kind;
    size_t reply_body;
    long body = request_body(name, &kind, &reply_body);
    long window = number_of(name, "in-flight");
    uint64_t units;

    for (int index = 0; index < WARM_UP_CALLS; index++)
        call(stream, message, put_message(message, NULL_CALL, 0), reply, sizeof(struct header));
    if (body >= 0) {
        size_t count = put_message(message, kind, (size_t)body);

        for (int index = 0; index < LARGE_WARM_UP_CALLS; index++)
            call(stream, message, count, reply, sizeof(struct header) + reply_body);
        measurement_start(&measurement, server, milliseconds);
        units = measure_each(stream, &measurement, message, count, reply,
                             sizeof(struct header) + reply_body);
    } else {
        measurement_start(&measurement, server, milliseconds);
        units = window > 0 ? measure_in_flight(stream, (size_t)window, &measurement)
                           : measure_one_way(stream, &measurement);
    }
    measurement_report(&measurement, units);
}

static struct stream connect_by(const char *transport, const char *address)
{
    struct stream stream;

    if (strcmp(transport, "unix") == 0)
        stream = connect_to_path(address);
    else
        stream.input = stream.output = connect_to_loopback(address);
    stream.waits = 0;
    if (is_not_alone) {
        const struct timeval bound = {CALL_SECONDS, 0};

        if (setsockopt(stream.input, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound) < 0)
            fail("SO_RCVTIMEO");
    }
    return stream;
}

/* Opens links one by one, each with a call, and keeps them; the first before READY. */
static void keep_links(const char *transport, const char *address, long links, pid_t server)
{
    struct measurement measurement;
    struct header message = {NULL_CALL, 0};
    struct header reply;

    for (long link = 0; link < links; link++) {
        call(connect_by(transport, address), (char *)&message, sizeof message, (char *)&reply,
             sizeof reply);
        if (link == 0)
            measurement_start(&measurement, server, "0");
    }
    measurement_report(&measurement, (uint64_t)(links - 1));
    wait_for_end();
}

/* Cuts "+epoll" off a transport's name. */
static void split_transport(char *transport)
{
    char *mark = strchr(transport, '+');

    if (mark == NULL)
        return;
    *mark = '\0';
    is_not_alone = 1;
}

int main(int argc, char **argv)
{
    struct stream stream;
    pid_t server;

    if (argc > 2)
        split_transport(argv[2]);
    if (argc >= 4 && strcmp(argv[1], "serve") == 0) {
        settle(argv[3]);
        serve_all(argv[2], argc > 4 ? argv[4] : "");
        return 0;
    }
    if (argc != 9 || strcmp(argv[1], "call") != 0) {
        fprintf(stderr, "raw: called wrongly\n");
        return 2;
    }
    settle(argv[6]);
    server = (pid_t)atoi(argv[7]);
    if (number_of(argv[4], "links") > 0) {
        keep_links(argv[2], argv[3], number_of(argv[4], "links"), server);
        return 0;
    }
    if (strcmp(argv[2], "pipe") == 0) {
        stream = start_child(argv[8], &server);
    } else if (strcmp(argv[2], "shm") == 0) {
        stream = start_sharing_child(argv[8], &server);
    } else {
        stream = connect_by(argv[2], argv[3]);
    }
    measure(stream, argv[4], argv[5], server);
    return 0;
}
