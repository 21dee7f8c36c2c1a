/* Outgoing calls. While all calls of a link are driven (RMIX_CALL_FLAGS_DRIVEN), nobody reads in the background: of the
 * calls that wait, one at a time reads for all and wakes the others; when its own answer is there, or it is dropped, it
 * wakes the next to go on. The first call that is not driven, and so may be left alone, starts the background reader. */
#include "cframe.h"

/* The words of RmixEnc.state: the call's flags. */
enum { STATE_FLAGS = 0 };

static Connection *of(const void *link) { return (Connection *)(uintptr_t)link; }

/* What was not sent may be repeated on a new link, whatever ended this one. */
static RmixStatus fail_with(RmixErr *err, const Failure *failure, uint32_t delivery) {
    uint32_t kind = delivery == RMIX_DELIVERY_NOT_SENT ? RMIX_KIND_RECONNECT : failure->kind;
    return fail(err, kind, failure->cause, delivery, failure->code, failure->sentence);
}

static bool is_open_locked(const Connection *connection) {
    return !connection->dead && !connection->mute && !connection->closing && !connection->draining;
}

static RmixStatus refuse_new_locked(const Connection *connection, RmixErr *err) {
    if (connection->dead || connection->mute) return fail_with(err, &connection->failure, RMIX_DELIVERY_NOT_SENT);
    return fail(err, RMIX_KIND_RECONNECT, RMIX_CAUSE_LINK_CLOSED, RMIX_DELIVERY_NOT_SENT, 0, "the link is being closed");
}

static bool is_full_locked(const Connection *connection, bool oneway) {
    if (connection->out_end - connection->out_first >= connection->limits.queued_bytes) return true;
    return !oneway && connection->calls_count + connection->begun >= connection->limits.outstanding;
}

static RmixStatus begin(const void *link, const RmixMethodDesc *method, uint32_t arguments, uint32_t flags,
                        RmixEnc *enc, RmixErr *err) {
    (void)arguments;
    Connection *connection = of(link);
    bool oneway = (flags & RMIX_CALL_FLAGS_ONEWAY) != 0;
    if (method->name.p == NULL || method->name.n == 0 || method->name.n > UINT16_MAX)
        return fail(err, RMIX_KIND_FIX_REQUEST, RMIX_CAUSE_CODEC, RMIX_DELIVERY_NOT_SENT, 0,
                    "cframe calls methods by a name of 1 to 65535 bytes");
    RmixEnc lent;
    RmixStatus status = encoder_begin(connection, oneway ? FRAME_ONEWAY : FRAME_CALL, method->name, &lent, err);
    if (status != RMIX_OK) return status;
    pthread_mutex_lock(&connection->mutex);
    if (!is_open_locked(connection)) status = refuse_new_locked(connection, err);
    else if (is_full_locked(connection, oneway)) status = RMIX_FULL;
    else if (!oneway) connection->begun++;
    pthread_mutex_unlock(&connection->mutex);
    lent.state[STATE_FLAGS] = flags;
    if (status == RMIX_OK) *enc = lent;
    else buffer_free(&lent.buf);
    return status;
}

/* A number no call in flight has. */
static uint32_t next_id_locked(Connection *connection) {
    do if (++connection->last_id == 0) connection->ids_repeat = true;
    while (connection->last_id == 0 || connection_call_locked(connection, connection->last_id) != NULL);
    return connection->last_id;
}

static Call *add_call_locked(Connection *connection, uint32_t id) {
    if (connection->calls_count == connection->calls_room) {
        connection->calls_room = connection->calls_room == 0 ? 4 : connection->calls_room * 2;
        connection->calls = must_realloc(connection->calls, connection->calls_room * sizeof *connection->calls);
    }
    Call *call = &connection->calls[connection->calls_count++];
    memset(call, 0, sizeof *call);
    call->id = id;
    call->starts_at = connection->queued;
    return call;
}

static void remove_call_locked(Connection *connection, Call *call) { *call = connection->calls[--connection->calls_count]; }

static RmixStatus submit(const void *link, RmixEnc *enc, const RmixCallOptions *options, uint64_t *number, RmixErr *err) {
    (void)options; /* the frame has no room for a deadline */
    Connection *connection = of(link);
    uint64_t flags = enc->state[STATE_FLAGS];
    bool oneway = (flags & RMIX_CALL_FLAGS_ONEWAY) != 0, start_flush = false, start_reader = false;
    RmixStatus status = RMIX_OK;
    Wakers wake = {0};
    pthread_mutex_lock(&connection->mutex);
    if (!oneway) connection->begun--;
    if (connection->dead || connection->mute) {
        status = refuse_new_locked(connection, err);
    } else {
        uint32_t id = next_id_locked(connection);
        uint64_t starts_at = connection->queued;
        put_u32(enc->buf.p, (uint32_t)(enc->buf.len - LENGTH_BYTES));
        put_u32(enc->buf.p + 4, id);
        if (!oneway) {
            Call *call = add_call_locked(connection, id);
            call->driven = (flags & RMIX_CALL_FLAGS_DRIVEN) != 0;
            start_reader = !call->driven && !connection->background;
            *number = id;
        }
        start_flush = connection_queue_locked(connection, enc->buf.p, enc->buf.len, &wake);
        if (connection->mute && starts_at >= connection->sent) {
            if (!oneway) remove_call_locked(connection, connection_call_locked(connection, id));
            status = fail_with(err, &connection->failure, RMIX_DELIVERY_NOT_SENT);
        }
    }
    if (start_reader) {
        connection->background = true;
        connection_pass_on_locked(connection, &wake);
    }
    connection_settle_locked(connection, &wake);
    pthread_mutex_unlock(&connection->mutex);
    wakers_wake(&wake);
    if (start_flush) connection_start_flush(connection);
    if (start_reader) {
        connection_retain(connection);
        connection_start_reader(connection);
    }
    buffer_free(&enc->buf);
    return status;
}

static void abort_call(const void *link, RmixEnc *enc) {
    Connection *connection = of(link);
    Wakers wake = {0};
    if ((enc->state[STATE_FLAGS] & RMIX_CALL_FLAGS_ONEWAY) == 0) {
        pthread_mutex_lock(&connection->mutex);
        connection->begun--;
        wakers_move(&wake, &connection->ready);
        connection_settle_locked(connection, &wake);
        pthread_mutex_unlock(&connection->mutex);
        wakers_wake(&wake);
    }
    buffer_free(&enc->buf);
}

/* ---- Waiting for the answer ---- */

static RmixStatus take_refusal(const Frame *answer, RmixErr *err) {
    static const struct { uint32_t kind, cause, delivery; } MEANING[] = {
        [RMIX_REFUSAL_DONE] = {RMIX_KIND_PEER_BROKEN, RMIX_CAUSE_PROTOCOL, RMIX_DELIVERY_EXECUTED},
        [RMIX_REFUSAL_NO_SUCH_OBJECT] = {RMIX_KIND_FIX_REQUEST, RMIX_CAUSE_NO_SUCH_OBJECT, RMIX_DELIVERY_NOT_SENT},
        [RMIX_REFUSAL_NO_SUCH_METHOD] = {RMIX_KIND_FIX_REQUEST, RMIX_CAUSE_NO_SUCH_METHOD, RMIX_DELIVERY_NOT_SENT},
        [RMIX_REFUSAL_BAD_ARGUMENTS] = {RMIX_KIND_FIX_REQUEST, RMIX_CAUSE_BAD_ARGUMENTS, RMIX_DELIVERY_NOT_SENT},
        [RMIX_REFUSAL_INTERNAL] = {RMIX_KIND_INTERNAL, RMIX_CAUSE_REMOTE, RMIX_DELIVERY_EXECUTED},
        [RMIX_REFUSAL_BUSY] = {RMIX_KIND_RETRY, RMIX_CAUSE_LIMIT, RMIX_DELIVERY_NOT_SENT},
        [RMIX_REFUSAL_DENIED] = {RMIX_KIND_DENIED, RMIX_CAUSE_OTHER, RMIX_DELIVERY_NOT_SENT},
    };
    const uint8_t *body = answer->bytes + answer->name_bytes;
    size_t left = answer->bytes_count - answer->name_bytes;
    uint32_t reason = left < 4 ? RMIX_REFUSAL_INTERNAL : get_u32(body);
    if (reason > RMIX_REFUSAL_DENIED) reason = RMIX_REFUSAL_INTERNAL;
    fail(err, MEANING[reason].kind, MEANING[reason].cause, MEANING[reason].delivery, reason, "");
    if (left > 4) buffer_append(&err->message, body + 4, left - 4);
    return RMIX_ERR;
}

static RmixStatus take_answer(Connection *connection, Frame *answer, RmixReply *reply, RmixErr *err) {
    if (answer->kind == FRAME_REFUSAL) {
        take_refusal(answer, err);
        frame_release(answer);
        return RMIX_ERR;
    }
    reply->kind = answer->kind == FRAME_FAULT ? RMIX_REPLY_FAULT : RMIX_REPLY_VALUE;
    reply->reserved = 0;
    reply->dec = decoder_over(connection, answer);
    return RMIX_OK;
}

typedef enum { TURN_WAIT, TURN_READ, TURN_DONE } Turn;

/* One look at a call: take its answer, or its failure, or find out whose turn it is to read. */
static Turn look(Connection *connection, uint64_t number, RmixAbiWaker *mine, Frame **answer, RmixErr *err,
                 RmixStatus *status) {
    Wakers wake = {0};
    Turn turn = TURN_DONE;
    *answer = NULL;
    *status = RMIX_ERR;
    pthread_mutex_lock(&connection->mutex);
    Call *call = connection_call_locked(connection, number);
    if (call == NULL || call->state == CALL_TAKEN) {
        fail(err, RMIX_KIND_INTERNAL, RMIX_CAUSE_OTHER, RMIX_DELIVERY_NOT_SENT, 0, "this call was ended before");
    } else if (call->state == CALL_ANSWERED) {
        *answer = call->answer;
        call->answer = NULL;
        call->state = CALL_TAKEN;
    } else if (connection->dead || (connection->mute && call->starts_at >= connection->sent)) {
        bool unsent = call->starts_at >= connection->sent;
        call->state = CALL_TAKEN;
        fail_with(err, &connection->failure, unsent ? RMIX_DELIVERY_NOT_SENT : RMIX_DELIVERY_MAYBE_EXECUTED);
    } else {
        RmixAbiWaker old = call->waker;
        call->waker = *mine;
        *mine = old;
        bool may_start = connection->reader == NOBODY && call->driven;
        turn = may_start || connection->reader == number ? TURN_READ : TURN_WAIT;
        if (turn == TURN_READ) connection->reader = number;
    }
    if (turn == TURN_DONE && connection->reader == number) {
        connection->reader = NOBODY;
        connection_pass_on_locked(connection, &wake);
    }
    pthread_mutex_unlock(&connection->mutex);
    wakers_wake(&wake);
    return turn;
}

static RmixStatus poll_call(const void *link, uint64_t number, const RmixAbiWaker *waker, RmixReply *reply, RmixErr *err) {
    Connection *connection = of(link);
    for (;;) {
        Frame *answer;
        RmixStatus status;
        RmixAbiWaker mine = waker_clone(waker);
        Turn turn = look(connection, number, &mine, &answer, err, &status);
        waker_drop(&mine);
        if (answer != NULL) return take_answer(connection, answer, reply, err);
        if (turn == TURN_DONE) return status;
        if (turn == TURN_WAIT || connection_read(connection, waker) == READ_PENDING) return RMIX_PENDING;
    }
}

static void drop_call(const void *link, uint64_t number) {
    Connection *connection = of(link);
    Wakers wake = {0};
    Frame *answer = NULL;
    RmixAbiWaker waker = {{NULL, NULL}, NULL};
    pthread_mutex_lock(&connection->mutex);
    Call *call = connection_call_locked(connection, number);
    if (call != NULL) {
        answer = call->answer;
        waker = call->waker;
        remove_call_locked(connection, call);
        wakers_move(&wake, &connection->ready);
        wakers_move(&wake, &connection->closed);
    }
    if (connection->reader == number) connection->reader = NOBODY;
    /* Whoever was woken to read may be this very call: wake another. */
    connection_pass_on_locked(connection, &wake);
    connection_settle_locked(connection, &wake);
    pthread_mutex_unlock(&connection->mutex);
    wakers_wake(&wake);
    waker_drop(&waker);
    frame_release(answer);
}

/* ---- The link as a whole ---- */

static RmixStatus poll_ready(const void *link, const RmixAbiWaker *waker, RmixErr *err) {
    Connection *connection = of(link);
    RmixAbiWaker mine = waker_clone(waker);
    bool added = false;
    RmixStatus status = RMIX_OK;
    pthread_mutex_lock(&connection->mutex);
    if (!is_open_locked(connection)) status = refuse_new_locked(connection, err);
    else if (is_full_locked(connection, false)) {
        added = wakers_add(&connection->ready, mine);
        status = RMIX_PENDING;
    }
    pthread_mutex_unlock(&connection->mutex);
    if (!added) waker_drop(&mine);
    return status;
}

/* Stricter than asked: waits until nothing is queued, also what was submitted after the first poll. */
static RmixStatus poll_flush(const void *link, const RmixAbiWaker *waker, RmixErr *err) {
    Connection *connection = of(link);
    RmixAbiWaker mine = waker_clone(waker);
    bool added = false;
    RmixStatus status = RMIX_OK;
    pthread_mutex_lock(&connection->mutex);
    if (connection->sent < connection->queued) {
        if (connection->dead || connection->mute) status = fail_with(err, &connection->failure, RMIX_DELIVERY_MAYBE_EXECUTED);
        else {
            added = wakers_add(&connection->flushed, mine);
            status = RMIX_PENDING;
        }
    }
    pthread_mutex_unlock(&connection->mutex);
    if (!added) waker_drop(&mine);
    return status;
}

static RmixStatus poll_close(const void *link, const RmixAbiWaker *waker, RmixErr *err) {
    (void)err;
    Connection *connection = of(link);
    RmixAbiWaker mine = waker_clone(waker);
    Wakers wake = {0};
    bool added = false;
    pthread_mutex_lock(&connection->mutex);
    connection->closing = true;
    wakers_move(&wake, &connection->ready);
    connection_settle_locked(connection, &wake);
    bool closed = connection->dead;
    if (!closed) added = wakers_add(&connection->closed, mine);
    pthread_mutex_unlock(&connection->mutex);
    wakers_wake(&wake);
    if (!added) waker_drop(&mine);
    return closed ? RMIX_OK : RMIX_PENDING;
}

static void abandon(const void *link) {
    connection_die(of(link), failure_of(RMIX_KIND_RECONNECT, RMIX_CAUSE_LINK_CLOSED, 0, "the link was abandoned here"));
}

static uint8_t is_open(const void *link) {
    Connection *connection = of(link);
    pthread_mutex_lock(&connection->mutex);
    bool open = is_open_locked(connection);
    pthread_mutex_unlock(&connection->mutex);
    return open ? 1 : 0;
}

static void describe(const void *link, RmixBuf *out) {
    const Connection *connection = of(link);
    buffer_append(out, connection->peer, strlen(connection->peer));
}

static void release(const void *link) {
    abandon(link);
    connection_release(of(link));
}

const RmixLinkVt LINK_VT = {
    .size = sizeof(RmixLinkVt), .begin = begin, .submit = submit, .abort = abort_call, .poll_call = poll_call,
    .drop_call = drop_call, .poll_ready = poll_ready, .poll_flush = poll_flush, .poll_close = poll_close,
    .abandon = abandon, .is_open = is_open, .describe = describe, .release = release,
};
