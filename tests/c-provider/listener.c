/* A listening socket: one background task accepts; each accepted connection has its background reader. A Unix socket's
 * peers have no addresses, so of the limits on connections only `connections` means something here. */
#include "cframe.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PAUSE_NS UINT64_C(100000000) /* when the process has no descriptor left */

/* ---- Opening ---- */

/* Whether a socket file is left over from a process that is gone. */
static bool is_stale(const struct sockaddr_un *address) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return false;
    bool refused = connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 && errno == ECONNREFUSED;
    close(fd);
    return refused;
}

static int bind_and_listen(const struct sockaddr_un *address) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    int failed = bind(fd, (const struct sockaddr *)address, sizeof *address);
    if (failed && errno == EADDRINUSE && is_stale(address) && unlink(address->sun_path) == 0)
        failed = bind(fd, (const struct sockaddr *)address, sizeof *address);
    if (!failed) failed = listen(fd, 128);
    if (!failed) return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static RmixStatus accept_poll(void *p, const RmixAbiWaker *waker, RmixOpened *out, RmixErr *err);
static void accept_drop(void *p);

Listener *listener_open(const RmixHostVt *host, const char *path, const RmixLimits *limits, uint64_t object, RmixErr *err) {
    static const RmixFutVt ACCEPT_VT = {sizeof(RmixFutVt), accept_poll, accept_drop};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = bind_and_listen(&address);
    if (fd < 0) {
        fail(err, RMIX_KIND_FIX_REQUEST, RMIX_CAUSE_IO, RMIX_DELIVERY_NOT_SENT, errno, strerror(errno));
        return NULL;
    }
    RmixHostFd *host_fd = NULL;
    if (host->fd_register(host->ctx, fd, &host_fd, err) != RMIX_OK) {
        close(fd);
        unlink(path);
        return NULL;
    }
    Listener *listener = must_alloc(sizeof *listener);
    memset(listener, 0, sizeof *listener);
    /* One for the host, one for the task that accepts. */
    atomic_init(&listener->references, 2);
    listener->host = host;
    listener->limits = *limits;
    listener->object = object;
    listener->fd = fd;
    listener->host_fd = host_fd;
    listener->timer = host->timer_new(host->ctx);
    listener->path = must_alloc(strlen(path) + 1);
    strcpy(listener->path, path);
    listener->accepting = true;
    pthread_mutex_init(&listener->mutex, NULL);
    RmixFut future = {listener, &ACCEPT_VT};
    host->spawn(host->ctx, future);
    return listener;
}

void listener_release_reference(Listener *listener) {
    if (atomic_fetch_sub(&listener->references, 1) != 1) return;
    listener->host->timer_release(listener->timer);
    wakers_wake(&listener->closed);
    waker_drop(&listener->accept_waker);
    pthread_mutex_destroy(&listener->mutex);
    free(listener->path);
    free(listener);
}

/* ---- Accepting ---- */

typedef struct AcceptTry {
    int listening, fd, error;
} AcceptTry;

static int64_t accept_operation(void *context) {
    AcceptTry *attempt = context;
    do {
        attempt->fd = accept4(attempt->listening, NULL, NULL, SOCK_CLOEXEC);
        attempt->error = errno;
    } while (attempt->fd < 0 && (attempt->error == EINTR || attempt->error == ECONNABORTED));
    bool none = attempt->fd < 0 && (attempt->error == EAGAIN || attempt->error == EWOULDBLOCK);
    return none ? RMIX_IO_WOULD_BLOCK : 0;
}

static void describe_peer(int fd, char *peer, size_t room) {
    struct ucred credentials = {0};
    socklen_t size = sizeof credentials;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) credentials.pid = 0;
    snprintf(peer, room, "process %ld of user %lu", (long)credentials.pid, (unsigned long)credentials.uid);
}

static void admit(Listener *listener, int fd) {
    char peer[64];
    RmixErr err = {.message = buffer_new()};
    pthread_mutex_lock(&listener->mutex);
    bool refused = listener->closing || listener->connections_count >= listener->limits.connections;
    pthread_mutex_unlock(&listener->mutex);
    if (refused) {
        listener->host->log(listener->host->ctx, RMIX_LEVEL_WARN, text("cframe"), text("a connection beyond the limit was closed"));
        close(fd);
        return;
    }
    describe_peer(fd, peer, sizeof peer);
    Connection *connection = connection_new(listener->host, fd, &listener->limits, listener->object, peer, &err);
    buffer_free(&err.message);
    if (connection == NULL) return;
    atomic_fetch_add(&listener->references, 1);
    connection->listener = listener;
    pthread_mutex_lock(&listener->mutex);
    connection->next = listener->connections;
    listener->connections = connection;
    listener->connections_count++;
    bool closing = listener->closing;
    pthread_mutex_unlock(&listener->mutex);
    /* Its reader ends at once when the listener was closed meanwhile. */
    if (closing) connection_die(connection, failure_of(RMIX_KIND_RECONNECT, RMIX_CAUSE_SHUTDOWN, 0, "the listener is being closed"));
    connection_start_reader(connection);
}

static RmixStatus accept_poll(void *p, const RmixAbiWaker *waker, RmixOpened *out, RmixErr *err) {
    (void)out, (void)err;
    Listener *listener = p;
    const RmixHostVt *host = listener->host;
    RmixAbiWaker mine = waker_clone(waker);
    pthread_mutex_lock(&listener->mutex);
    RmixAbiWaker old = listener->accept_waker;
    listener->accept_waker = mine;
    bool closing = listener->closing;
    pthread_mutex_unlock(&listener->mutex);
    waker_drop(&old);
    while (!closing) {
        if (listener->pause_until != 0 && host->timer_poll(listener->timer, listener->pause_until, waker) != RMIX_OK)
            return RMIX_PENDING;
        listener->pause_until = 0;
        AcceptTry attempt = {listener->fd, -1, 0};
        int64_t result = host->fd_poll_io(listener->host_fd, RMIX_READ, waker, accept_operation, &attempt);
        if (result == RMIX_IO_WOULD_BLOCK) return RMIX_PENDING;
        if (result == INT64_MIN) return RMIX_OK;
        if (attempt.fd >= 0) admit(listener, attempt.fd);
        else {
            host->log(host->ctx, RMIX_LEVEL_WARN, text("cframe"), text(strerror(attempt.error)));
            listener->pause_until = host->now_ns(host->ctx) + PAUSE_NS;
        }
        pthread_mutex_lock(&listener->mutex);
        closing = listener->closing;
        pthread_mutex_unlock(&listener->mutex);
    }
    return RMIX_OK;
}

/* The end of the accepting task, whatever ended it: the socket goes with it. */
static void accept_drop(void *p) {
    Listener *listener = p;
    Wakers wake = {0};
    listener->host->fd_release(listener->host_fd);
    close(listener->fd);
    unlink(listener->path);
    pthread_mutex_lock(&listener->mutex);
    listener->closing = true;
    listener->accepting = false;
    wakers_move(&wake, &listener->closed);
    pthread_mutex_unlock(&listener->mutex);
    wakers_wake(&wake);
    listener_release_reference(listener);
}

void listener_forget(Listener *listener, Connection *connection) {
    Wakers wake = {0};
    pthread_mutex_lock(&listener->mutex);
    for (Connection **at = &listener->connections; *at != NULL; at = &(*at)->next) {
        if (*at != connection) continue;
        *at = connection->next;
        listener->connections_count--;
        break;
    }
    wakers_move(&wake, &listener->closed);
    pthread_mutex_unlock(&listener->mutex);
    wakers_wake(&wake);
    listener_release_reference(listener);
}

/* ---- Closing ---- */

/* Calls `end` for each connection, without the listener's lock. */
static void for_each(Listener *listener, void (*end)(Connection *)) {
    pthread_mutex_lock(&listener->mutex);
    size_t count = 0;
    Connection **all = must_alloc(sizeof *all * (listener->connections_count + 1));
    for (Connection *at = listener->connections; at != NULL; at = at->next) {
        connection_retain(at);
        all[count++] = at;
    }
    pthread_mutex_unlock(&listener->mutex);
    for (size_t i = 0; i < count; i++) {
        end(all[i]);
        connection_release(all[i]);
    }
    free(all);
}

static void drain(Connection *connection) {
    Wakers wake = {0};
    pthread_mutex_lock(&connection->mutex);
    connection->draining = true;
    connection_settle_locked(connection, &wake);
    pthread_mutex_unlock(&connection->mutex);
    wakers_wake(&wake);
}

static void end_now(Connection *connection) {
    connection_die(connection, failure_of(RMIX_KIND_RECONNECT, RMIX_CAUSE_SHUTDOWN, 0, "the listener was closed"));
}

static Listener *of(const void *listener) { return (Listener *)(uintptr_t)listener; }

static void stop_accepting(Listener *listener) {
    Wakers wake = {0};
    pthread_mutex_lock(&listener->mutex);
    listener->closing = true;
    wakers_take(&wake, &listener->accept_waker);
    pthread_mutex_unlock(&listener->mutex);
    wakers_wake(&wake);
}

static void endpoint(const void *listener, RmixBuf *out) {
    buffer_append(out, "cframe+unix:", 12);
    buffer_append(out, of(listener)->path, strlen(of(listener)->path));
}

static RmixStatus poll_close(const void *object, const RmixAbiWaker *waker, RmixErr *err) {
    (void)err;
    Listener *listener = of(object);
    RmixAbiWaker mine = waker_clone(waker);
    stop_accepting(listener);
    for_each(listener, drain);
    bool added = false;
    pthread_mutex_lock(&listener->mutex);
    bool closed = !listener->accepting && listener->connections == NULL;
    if (!closed) added = wakers_add(&listener->closed, mine);
    pthread_mutex_unlock(&listener->mutex);
    if (!added) waker_drop(&mine);
    return closed ? RMIX_OK : RMIX_PENDING;
}

static void abandon(const void *object) {
    stop_accepting(of(object));
    for_each(of(object), end_now);
}

static void release(const void *object) {
    abandon(object);
    listener_release_reference(of(object));
}

const RmixListenerVt LISTENER_VT = {
    .size = sizeof(RmixListenerVt), .endpoint = endpoint, .poll_close = poll_close, .abandon = abandon, .release = release,
};
