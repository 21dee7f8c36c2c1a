/* A connection: its socket, what is queued for sending, its calls, and how it ends. Does not read; see inbound.c. */
#include "cframe.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

Connection *connection_new(const RmixHostVt *host, int fd, const RmixLimits *limits, uint64_t object,
                           const char *peer, RmixErr *err) {
    RmixHostFd *host_fd = NULL;
    if (host->fd_register(host->ctx, fd, &host_fd, err) != RMIX_OK) {
        close(fd);
        return NULL;
    }
    Connection *connection = must_alloc(sizeof *connection);
    memset(connection, 0, sizeof *connection);
    atomic_init(&connection->references, 1);
    connection->host = host;
    connection->limits = *limits;
    connection->object = object;
    connection->fd = fd;
    connection->host_fd = host_fd;
    connection->opened_at = connection->active_since = host->now_ns(host->ctx);
    if (object != 0) {
        connection->number = host->next_connection(host->ctx);
        connection->background = true;
        connection->reader = BACKGROUND;
    }
    snprintf(connection->peer, sizeof connection->peer, "%s", peer);
    pthread_mutex_init(&connection->mutex, NULL);
    return connection;
}

void connection_retain(Connection *connection) { atomic_fetch_add(&connection->references, 1); }

void connection_release(Connection *connection) {
    if (atomic_fetch_sub(&connection->references, 1) != 1) return;
    connection->host->fd_release(connection->host_fd);
    close(connection->fd);
    for (uint32_t i = 0; i < connection->calls_count; i++) {
        waker_drop(&connection->calls[i].waker);
        frame_release(connection->calls[i].answer);
    }
    waker_drop(&connection->reader_waker);
    waker_drop(&connection->flush_waker);
    Wakers rest = {0};
    wakers_move(&rest, &connection->ready);
    wakers_move(&rest, &connection->flushed);
    wakers_move(&rest, &connection->closed);
    wakers_wake(&rest);
    free(connection->ready.items);
    free(connection->flushed.items);
    free(connection->closed.items);
    free(connection->calls);
    free(connection->in);
    free(connection->out);
    pthread_mutex_destroy(&connection->mutex);
    free(connection);
}

void frame_release(Frame *frame) {
    if (frame != NULL && atomic_fetch_sub(&frame->references, 1) == 1) free(frame);
}

/* ---- The end ---- */

Failure failure_of(uint32_t kind, uint32_t cause, int64_t code, const char *sentence) {
    Failure failure = {kind, cause, code, ""};
    snprintf(failure.sentence, sizeof failure.sentence, "%s", sentence);
    return failure;
}

static void wake_all_locked(Connection *connection, Wakers *wake) {
    for (uint32_t i = 0; i < connection->calls_count; i++) wakers_take(wake, &connection->calls[i].waker);
    wakers_take(wake, &connection->reader_waker);
    wakers_take(wake, &connection->flush_waker);
    wakers_move(wake, &connection->ready);
    wakers_move(wake, &connection->flushed);
    wakers_move(wake, &connection->closed);
}

void connection_die_locked(Connection *connection, Failure failure, Wakers *wake) {
    if (connection->dead) return;
    connection->dead = true;
    if (!connection->mute) connection->failure = failure;
    connection->out_first = connection->out_end = 0;
    shutdown(connection->fd, SHUT_RDWR);
    wake_all_locked(connection, wake);
}

void connection_die(Connection *connection, Failure failure) {
    Wakers wake = {0};
    pthread_mutex_lock(&connection->mutex);
    connection_die_locked(connection, failure, &wake);
    pthread_mutex_unlock(&connection->mutex);
    wakers_wake(&wake);
}

/* Whether a call still waits for its answer. */
bool connection_waits_locked(const Connection *connection) {
    for (uint32_t i = 0; i < connection->calls_count; i++)
        if (connection->calls[i].state == CALL_WAITS) return true;
    return connection->begun > 0;
}

void connection_settle_locked(Connection *connection, Wakers *wake) {
    bool all_sent = connection->out_end == connection->out_first;
    if (connection->dead || connection->running > 0 || !all_sent) return;
    bool drained = connection->draining;
    bool finished = connection->closing && !connection_waits_locked(connection);
    if (drained || finished)
        connection_die_locked(connection, failure_of(RMIX_KIND_RECONNECT, RMIX_CAUSE_LINK_CLOSED, 0, "the link was closed here"), wake);
}

/* ---- Sending ---- */

/* Sends what the kernel takes. Returns false when it takes no more for now. */
static bool send_locked(Connection *connection, Wakers *wake) {
    while (connection->out_end > connection->out_first && !connection->dead) {
        size_t left = connection->out_end - connection->out_first;
        ssize_t count = send(connection->fd, connection->out + connection->out_first, left, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
        if (count < 0) {
            /* Answers that arrived before the peer left can still be read: the reader finds the end. */
            connection->mute = true;
            connection->failure = failure_of(RMIX_KIND_RECONNECT, RMIX_CAUSE_LINK_CLOSED, errno, "the peer closed the connection");
            connection->out_first = connection->out_end = 0;
            wake_all_locked(connection, wake);
            return true;
        }
        connection->out_first += (size_t)count;
        connection->sent_since = connection->host->now_ns(connection->host->ctx);
        connection->sent += (uint64_t)count;
    }
    connection->out_first = connection->out_end = 0;
    wakers_move(wake, &connection->ready);
    wakers_move(wake, &connection->flushed);
    wakers_move(wake, &connection->closed);
    if (connection->reader == BACKGROUND) wakers_take(wake, &connection->reader_waker);
    connection_settle_locked(connection, wake);
    return true;
}

bool connection_queue_locked(Connection *connection, const uint8_t *bytes, size_t count, Wakers *wake) {
    if (connection->dead || connection->mute) return false;
    if (connection->out_room - connection->out_end < count) {
        size_t left = connection->out_end - connection->out_first;
        size_t room = connection->out_room == 0 ? 4096 : connection->out_room;
        while (room < left + count) room *= 2;
        if (connection->out_first > 0) memmove(connection->out, connection->out + connection->out_first, left);
        connection->out = must_realloc(connection->out, room);
        connection->out_room = room;
        connection->out_first = 0;
        connection->out_end = left;
    }
    if (connection->out_end == connection->out_first) connection->sent_since = connection->host->now_ns(connection->host->ctx);
    memcpy(connection->out + connection->out_end, bytes, count);
    connection->out_end += count;
    connection->queued += count;
    if (connection->flushing || send_locked(connection, wake)) return false;
    connection->flushing = true;
    return true;
}

/* ---- The background flush, which runs while the kernel takes no more ---- */

typedef struct Flush {
    Connection *connection;
    bool done;
} Flush;

static int64_t flush_operation(void *context) {
    Flush *flush = context;
    Connection *connection = flush->connection;
    Wakers wake = {0};
    pthread_mutex_lock(&connection->mutex);
    flush->done = send_locked(connection, &wake);
    if (flush->done) connection->flushing = false;
    pthread_mutex_unlock(&connection->mutex);
    wakers_wake(&wake);
    return flush->done ? 0 : RMIX_IO_WOULD_BLOCK;
}

static RmixStatus flush_poll(void *p, const RmixAbiWaker *waker, RmixOpened *out, RmixErr *err) {
    (void)out, (void)err;
    Flush *flush = p;
    Connection *connection = flush->connection;
    RmixAbiWaker mine = waker_clone(waker), old;
    pthread_mutex_lock(&connection->mutex);
    old = connection->flush_waker;
    connection->flush_waker = mine;
    flush->done = connection->dead;
    if (flush->done) connection->flushing = false;
    pthread_mutex_unlock(&connection->mutex);
    waker_drop(&old);
    if (flush->done) return RMIX_OK;
    int64_t result = connection->host->fd_poll_io(connection->host_fd, RMIX_WRITE, waker, flush_operation, flush);
    return result == RMIX_IO_WOULD_BLOCK ? RMIX_PENDING : RMIX_OK;
}

static void flush_drop(void *p) {
    Flush *flush = p;
    Connection *connection = flush->connection;
    Wakers wake = {0};
    if (!flush->done) {
        /* The host stops its tasks, or its reactor failed: nobody would send the rest. */
        pthread_mutex_lock(&connection->mutex);
        connection->flushing = false;
        connection_die_locked(connection, failure_of(RMIX_KIND_RECONNECT, RMIX_CAUSE_SHUTDOWN, 0, "the host stopped sending"), &wake);
        pthread_mutex_unlock(&connection->mutex);
        wakers_wake(&wake);
    }
    free(flush);
    connection_release(connection);
}

void connection_start_flush(Connection *connection) {
    static const RmixFutVt VT = {sizeof(RmixFutVt), flush_poll, flush_drop};
    Flush *flush = must_alloc(sizeof *flush);
    connection_retain(connection);
    flush->connection = connection;
    flush->done = false;
    RmixFut future = {flush, &VT};
    connection->host->spawn(connection->host->ctx, future);
}

/* ---- Calls ---- */

Call *connection_call_locked(Connection *connection, uint64_t id) {
    for (uint32_t i = 0; i < connection->calls_count; i++)
        if (connection->calls[i].id == id) return &connection->calls[i];
    return NULL;
}

void connection_pass_on_locked(Connection *connection, Wakers *wake) {
    if (connection->reader != NOBODY) return;
    if (connection->background) {
        connection->reader = BACKGROUND;
        wakers_take(wake, &connection->reader_waker);
        return;
    }
    for (uint32_t i = 0; i < connection->calls_count; i++) {
        Call *call = &connection->calls[i];
        if (call->state != CALL_WAITS || !call->driven || !waker_is(&call->waker)) continue;
        wakers_take(wake, &call->waker);
        return;
    }
}
