/* Incoming frames: reading, cutting, handing calls to the host and answers to the calls that wait for them; and the
 * responder of an inbound call. Every byte here is the peer's: nothing is allocated before it was received. */
#include "cframe.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>

#define READ_BYTES 65536 /* room offered to one read */

/* ---- Buffers with a header, bodies to decode ---- */

RmixStatus encoder_begin(const Connection *connection, uint8_t kind, RmixStr name, RmixEnc *enc, RmixErr *err) {
    uint8_t header[HEADER_BYTES] = {0};
    header[8] = kind;
    put_u16(header + 9, (uint16_t)name.n);
    memset(enc, 0, sizeof *enc);
    enc->buf = buffer_new();
    enc->vt = &ENCODER;
    enc->profile = RMIX_PROFILE_NONE;
    uint64_t most = connection->limits.message_bytes < UINT32_MAX ? connection->limits.message_bytes : UINT32_MAX;
    enc->bytes_max = most + LENGTH_BYTES;
    if (sizeof header + name.n > enc->bytes_max)
        return fail(err, RMIX_KIND_FIX_REQUEST, RMIX_CAUSE_LIMIT, RMIX_DELIVERY_NOT_SENT, 0, "the header alone exceeds message_bytes");
    if (buffer_append(&enc->buf, header, sizeof header) && buffer_append(&enc->buf, name.p, name.n)) return RMIX_OK;
    buffer_free(&enc->buf);
    return fail(err, RMIX_KIND_RETRY, RMIX_CAUSE_LIMIT, RMIX_DELIVERY_NOT_SENT, ENOMEM, "no memory for the outgoing message");
}

static void drop_frame(RmixHolder *holder) { frame_release((Frame *)holder->words[0]); }

/* Takes over one reference of `frame`. */
RmixDec decoder_over(const Connection *connection, Frame *frame) {
    RmixDec dec;
    memset(&dec, 0, sizeof dec);
    dec.start = dec.p = frame->bytes + frame->name_bytes;
    dec.end = frame->bytes + frame->bytes_count;
    dec.vt = &DECODER;
    dec.profile = RMIX_PROFILE_NONE;
    dec.depth_left = connection->limits.depth;
    dec.items_left = connection->limits.items;
    dec.holder.words[0] = (uintptr_t)frame;
    dec.holder.drop = drop_frame;
    return dec;
}

/* ---- Answering ---- */

/* A responder's words: the connection, of which it holds a reference; the call's id, marks and bytes. */
enum { WORD_CONNECTION, WORD_ID, WORD_MARKS, WORD_BYTES };
enum { MARK_ONEWAY = 1, MARK_ANSWERED = 2 };

static Connection *connection_of(const RmixHolder *words) { return (Connection *)words->words[WORD_CONNECTION]; }

static RmixStatus send_answer(RmixHolder *words, RmixEnc *enc, RmixErr *err) {
    Connection *connection = connection_of(words);
    bool start_flush = false, gone = false;
    Wakers wake = {0};
    if ((words->words[WORD_MARKS] & MARK_ONEWAY) == 0) {
        put_u32(enc->buf.p, (uint32_t)(enc->buf.len - LENGTH_BYTES));
        put_u32(enc->buf.p + 4, (uint32_t)words->words[WORD_ID]);
        pthread_mutex_lock(&connection->mutex);
        gone = connection->dead || connection->mute;
        start_flush = connection_queue_locked(connection, enc->buf.p, enc->buf.len, &wake);
        pthread_mutex_unlock(&connection->mutex);
        wakers_wake(&wake);
    }
    words->words[WORD_MARKS] |= MARK_ANSWERED;
    buffer_free(&enc->buf);
    if (start_flush) connection_start_flush(connection);
    if (!gone) return RMIX_OK;
    return fail(err, RMIX_KIND_RECONNECT, RMIX_CAUSE_LINK_CLOSED, RMIX_DELIVERY_EXECUTED, 0, "the caller is gone");
}

static RmixStatus respond_begin(RmixResponder *responder, uint32_t kind, uint32_t flags, RmixEnc *enc, RmixErr *err) {
    (void)flags;
    RmixStr no_name = RMIX_STR_NONE;
    uint8_t frame = kind == RMIX_REPLY_FAULT ? FRAME_FAULT : FRAME_RESULT;
    return encoder_begin(connection_of(&responder->words), frame, no_name, enc, err);
}

static RmixStatus respond_submit(RmixResponder *responder, RmixEnc *enc, RmixErr *err) {
    return send_answer(&responder->words, enc, err);
}

static void respond_abort(RmixResponder *responder, RmixEnc *enc) {
    (void)responder;
    buffer_free(&enc->buf);
}

static void refuse(RmixHolder *words, uint32_t reason, RmixStr sentence) {
    Connection *connection = connection_of(words);
    RmixErr err = {.message = buffer_new()};
    RmixStr no_name = RMIX_STR_NONE;
    RmixEnc enc;
    uint8_t number[4];
    put_u32(number, reason);
    words->words[WORD_MARKS] |= MARK_ANSWERED;
    uint8_t kind = reason == RMIX_REFUSAL_DONE ? FRAME_RESULT : FRAME_REFUSAL;
    if (encoder_begin(connection, kind, no_name, &enc, &err) == RMIX_OK) {
        if (kind == FRAME_REFUSAL && enc.buf.len + sizeof number <= enc.bytes_max) {
            uint64_t room = enc.bytes_max - enc.buf.len - sizeof number;
            buffer_append(&enc.buf, number, sizeof number);
            buffer_append(&enc.buf, sentence.p, sentence.n < room ? sentence.n : (size_t)room);
        }
        send_answer(words, &enc, &err);
    }
    buffer_free(&err.message);
}

static void respond_refuse(RmixResponder *responder, uint32_t reason, RmixStr sentence) {
    refuse(&responder->words, reason, sentence);
}

/* The end of an inbound call: answered, or given up. */
static void drop_responder(RmixHolder *words) {
    Connection *connection = connection_of(words);
    Wakers wake = {0};
    if ((words->words[WORD_MARKS] & MARK_ANSWERED) == 0) refuse(words, RMIX_REFUSAL_INTERNAL, text("the operation gave no answer"));
    uint64_t now = connection->host->now_ns(connection->host->ctx);
    pthread_mutex_lock(&connection->mutex);
    connection->running--;
    connection->running_bytes -= words->words[WORD_BYTES];
    connection->active_since = now;
    wakers_take(&wake, &connection->reader_waker);
    wakers_move(&wake, &connection->closed);
    connection_settle_locked(connection, &wake);
    pthread_mutex_unlock(&connection->mutex);
    wakers_wake(&wake);
    connection_release(connection);
}

static const RmixResponderVt RESPONDER_VT = {sizeof(RmixResponderVt), respond_begin, respond_submit, respond_abort, respond_refuse};

/* Takes the frame over; `running` was counted up for it. */
static void dispatch(Connection *connection, Frame *frame) {
    RmixServerCall call;
    memset(&call, 0, sizeof call);
    call.size = sizeof call;
    call.object = connection->object;
    call.connection = connection->number;
    call.method.p = frame->bytes;
    call.method.n = frame->name_bytes;
    call.flags = frame->kind == FRAME_ONEWAY ? RMIX_CALL_FLAGS_ONEWAY : 0;
    call.arguments = UINT32_MAX;
    call.peer = text(connection->peer);
    /* One reference for the decoder, one for the name, which is lent for the call. */
    atomic_fetch_add(&frame->references, 1);
    call.dec = decoder_over(connection, frame);
    connection_retain(connection);
    call.responder.words.words[WORD_CONNECTION] = (uintptr_t)connection;
    call.responder.words.words[WORD_ID] = frame->id;
    call.responder.words.words[WORD_MARKS] = frame->kind == FRAME_ONEWAY ? MARK_ONEWAY : 0;
    call.responder.words.words[WORD_BYTES] = frame->bytes_count;
    call.responder.words.drop = drop_responder;
    call.responder.vt = &RESPONDER_VT;
    connection->host->dispatch(connection->host->ctx, &call);
    frame_release(frame);
}

/* ---- Cutting frames out of what was received ---- */

static bool broken_by(Connection *connection, uint32_t cause, const char *rule, uint64_t declared, uint64_t limit) {
    Failure failure = failure_of(RMIX_KIND_PEER_BROKEN, cause, 0, "");
    snprintf(failure.sentence, sizeof failure.sentence, "%s: %llu, limit %llu", rule, (unsigned long long)declared,
             (unsigned long long)limit);
    connection->host->log(connection->host->ctx, RMIX_LEVEL_WARN, text("cframe"), text(failure.sentence));
    connection_die(connection, failure);
    return false;
}

static bool broken(Connection *connection, const char *rule, uint64_t declared, uint64_t limit) {
    return broken_by(connection, RMIX_CAUSE_PROTOCOL, rule, declared, limit);
}

/* Whether a call of this kind must wait before it is taken. */
static bool hold_locked(const Connection *connection, uint8_t kind) {
    if (connection->reader != BACKGROUND) return false;
    if (connection->running >= connection->limits.outstanding) return true;
    /* Two of the longest messages, so that none is held up by its own length. */
    uint64_t most = 2 * connection->limits.message_bytes;
    if (most < connection->limits.queued_bytes) most = connection->limits.queued_bytes;
    if (connection->running_bytes >= most) return true;
    return kind == FRAME_CALL && connection->out_end - connection->out_first >= connection->limits.queued_bytes;
}

static void refuse_inbound(Connection *connection, uint32_t id, uint32_t reason, const char *sentence) {
    RmixHolder words = {.words = {(uintptr_t)connection, id, 0, 0}};
    refuse(&words, reason, text(sentence));
}

/* Takes the frame over; false when the connection ends with it. */
static bool complete(Connection *connection, Frame *frame) {
    Wakers wake = {0};
    uint32_t id = frame->id;
    pthread_mutex_lock(&connection->mutex);
    uint32_t last_id = connection->last_id;
    bool never_made = id == 0 || (!connection->ids_repeat && id > last_id);
    Call *call = connection_call_locked(connection, id);
    /* An answer nobody waits for any more, or a second one, is dropped. */
    if (call != NULL && call->state == CALL_WAITS) {
        call->answer = frame;
        call->state = CALL_ANSWERED;
        frame = NULL;
        /* Whoever reads looks at its own call next. */
        if (connection->reader != call->id) wakers_take(&wake, &call->waker);
        wakers_move(&wake, &connection->closed);
    }
    pthread_mutex_unlock(&connection->mutex);
    wakers_wake(&wake);
    frame_release(frame);
    return !never_made || broken(connection, "an answer to a call that was never made", id, last_id);
}

static Frame *frame_new(const uint8_t *bytes, size_t length, size_t name_bytes) {
    size_t count = length - LEAST_LENGTH;
    Frame *frame = malloc(sizeof *frame + count);
    if (frame == NULL) return NULL;
    atomic_init(&frame->references, 1);
    frame->id = get_u32(bytes + 4);
    frame->kind = bytes[8];
    frame->name_bytes = name_bytes;
    frame->bytes_count = count;
    memcpy(frame->bytes, bytes + HEADER_BYTES, count);
    return frame;
}

/* Takes an inbound call in, unless it must wait: then READ_HELD and nothing has changed. */
static ReadOutcome take_call(Connection *connection, const uint8_t *bytes, size_t length, size_t name_bytes) {
    uint8_t kind = bytes[8];
    uint32_t id = get_u32(bytes + 4);
    pthread_mutex_lock(&connection->mutex);
    bool stopped = connection->draining || connection->dead, held = hold_locked(connection, kind);
    bool wanted = connection->object != 0;
    if (wanted && !stopped && !held) {
        connection->running++;
        connection->running_bytes += length - LEAST_LENGTH;
    }
    pthread_mutex_unlock(&connection->mutex);
    if (stopped || held) return READ_HELD;
    if (!wanted) {
        if (kind == FRAME_CALL) refuse_inbound(connection, id, RMIX_REFUSAL_NO_SUCH_OBJECT, "this end exports nothing on this link");
        return READ_PROGRESS;
    }
    Frame *frame = frame_new(bytes, length, name_bytes);
    if (frame != NULL) {
        dispatch(connection, frame);
        return READ_PROGRESS;
    }
    pthread_mutex_lock(&connection->mutex);
    connection->running--;
    connection->running_bytes -= length - LEAST_LENGTH;
    pthread_mutex_unlock(&connection->mutex);
    if (kind == FRAME_CALL) refuse_inbound(connection, id, RMIX_REFUSAL_BUSY, "no memory for this message");
    return READ_PROGRESS;
}

/* Handles one frame: READ_PENDING when none is complete. */
static ReadOutcome take_frame(Connection *connection) {
    const uint8_t *bytes = connection->in + connection->in_first;
    size_t received = connection->in_end - connection->in_first;
    if (received < LENGTH_BYTES) return READ_PENDING;
    uint32_t length = get_u32(bytes);
    if (length > connection->limits.message_bytes)
        return broken_by(connection, RMIX_CAUSE_LIMIT, "a frame longer than message_bytes", length, connection->limits.message_bytes), READ_ENDED;
    if (length < LEAST_LENGTH) return broken(connection, "a frame shorter than its header", length, LEAST_LENGTH), READ_ENDED;
    if (received - LENGTH_BYTES < length) return READ_PENDING;
    size_t name_bytes = get_u16(bytes + 9);
    uint8_t kind = bytes[8];
    if (name_bytes > length - LEAST_LENGTH)
        return broken(connection, "a name longer than its frame", name_bytes, length - LEAST_LENGTH), READ_ENDED;
    if (kind < FRAME_CALL || kind > FRAME_REFUSAL)
        return broken(connection, "an unknown kind of frame", kind, FRAME_REFUSAL), READ_ENDED;
    if (kind == FRAME_CALL || kind == FRAME_ONEWAY) {
        ReadOutcome outcome = take_call(connection, bytes, length, name_bytes);
        if (outcome != READ_PROGRESS) return outcome;
    } else {
        Frame *frame = frame_new(bytes, length, name_bytes);
        if (frame == NULL) {
            connection_die(connection, failure_of(RMIX_KIND_RECONNECT, RMIX_CAUSE_LIMIT, ENOMEM, "no memory for an answer"));
            return READ_ENDED;
        }
        if (!complete(connection, frame)) return READ_ENDED;
    }
    connection->greeted = true;
    connection->in_first += LENGTH_BYTES + (size_t)length;
    return READ_PROGRESS;
}

/* ---- Reading ---- */

typedef struct ReadTry {
    Connection *connection;
    ssize_t count;
    int error;
} ReadTry;

static int64_t read_operation(void *context) {
    ReadTry *attempt = context;
    Connection *connection = attempt->connection;
    size_t room = connection->in_room - connection->in_end;
    do {
        attempt->count = recv(connection->fd, connection->in + connection->in_end, room, MSG_DONTWAIT);
        attempt->error = errno;
    } while (attempt->count < 0 && attempt->error == EINTR);
    if (attempt->count < 0 && (attempt->error == EAGAIN || attempt->error == EWOULDBLOCK)) return RMIX_IO_WOULD_BLOCK;
    return attempt->count > 0 && (size_t)attempt->count < room ? RMIX_IO_DRAINED : 0;
}

/* Makes room to read into; the buffer grows with what was received, never with what was announced. */
static bool make_room(Connection *connection) {
    size_t left = connection->in_end - connection->in_first;
    if (connection->in_first > 0) {
        memmove(connection->in, connection->in + connection->in_first, left);
        connection->in_first = 0;
        connection->in_end = left;
    }
    if (left == 0 && connection->in_room > 16 * READ_BYTES) {
        free(connection->in);
        connection->in = NULL;
        connection->in_room = 0;
    }
    if (connection->in_room - left >= READ_BYTES / 2) return true;
    size_t room = left + (left > READ_BYTES ? left : READ_BYTES);
    uint8_t *memory = realloc(connection->in, room);
    if (memory == NULL) return false;
    connection->in = memory;
    connection->in_room = room;
    return true;
}

static ReadOutcome read_more(Connection *connection, const RmixAbiWaker *waker) {
    ReadTry attempt = {connection, 0, 0};
    if (!make_room(connection)) {
        connection_die(connection, failure_of(RMIX_KIND_RECONNECT, RMIX_CAUSE_LIMIT, ENOMEM, "no memory to read into"));
        return READ_ENDED;
    }
    int64_t result = connection->host->fd_poll_io(connection->host_fd, RMIX_READ, waker, read_operation, &attempt);
    if (result == RMIX_IO_WOULD_BLOCK) return READ_PENDING;
    if (result != INT64_MIN && attempt.count > 0) {
        uint64_t now = connection->host->now_ns(connection->host->ctx);
        if (connection->in_end == connection->in_first) connection->message_since = now;
        pthread_mutex_lock(&connection->mutex);
        connection->active_since = now;
        pthread_mutex_unlock(&connection->mutex);
        connection->in_end += (size_t)attempt.count;
        return READ_PROGRESS;
    }
    Failure failure = failure_of(RMIX_KIND_RECONNECT, RMIX_CAUSE_LINK_CLOSED, 0, "the peer closed the connection");
    if (result == INT64_MIN) failure = failure_of(RMIX_KIND_INTERNAL, RMIX_CAUSE_IO, 0, "the host's reactor failed");
    else if (attempt.count < 0) failure = failure_of(RMIX_KIND_RECONNECT, RMIX_CAUSE_LINK_CLOSED, attempt.error, strerror(attempt.error));
    connection_die(connection, failure);
    return READ_ENDED;
}

ReadOutcome connection_read(Connection *connection, const RmixAbiWaker *waker) {
    bool any = false;
    for (;;) {
        ReadOutcome outcome = take_frame(connection);
        if (outcome == READ_PENDING) {
            /* What is left is a part of a younger message. */
            if (any && connection->in_end > connection->in_first)
                connection->message_since = connection->host->now_ns(connection->host->ctx);
            return any ? READ_PROGRESS : read_more(connection, waker);
        }
        if (outcome != READ_PROGRESS) return outcome;
        any = true;
    }
}

/* ---- The background reader: of accepted connections, of links that take calls, and of links with calls that nobody may
 * poll for a while ---- */

typedef struct Reader {
    Connection *connection;
    RmixHostTimer *timer;
} Reader;

static void until(uint64_t *deadline, uint64_t since, uint64_t limit) {
    if (limit != 0 && (*deadline == 0 || since + limit < *deadline)) *deadline = since + limit;
}

/* Ends a connection that is slow with its first message or in the middle of one, silent for too long, or takes none of its
 * answers. `held`: it is not read, so what it sends is not late. */
static bool is_late(Reader *reader, bool held, const RmixAbiWaker *waker) {
    Connection *connection = reader->connection;
    const RmixLimits *limits = &connection->limits;
    pthread_mutex_lock(&connection->mutex);
    bool busy = connection->running > 0 || connection_waits_locked(connection);
    bool unsent = connection->out_end > connection->out_first;
    uint64_t active_since = connection->active_since, sent_since = connection->sent_since;
    pthread_mutex_unlock(&connection->mutex);
    bool partial = connection->in_end > connection->in_first && !held;
    uint64_t deadline = 0;
    bool accepted = connection->listener != NULL, greets = accepted && !connection->greeted;
    if (greets) until(&deadline, connection->opened_at, limits->handshake_ns);
    if (partial) until(&deadline, connection->message_since, limits->message_ns);
    bool slow = unsent && accepted;
    if (slow) until(&deadline, sent_since, limits->message_ns);
    if (!partial && !busy && !held && accepted) until(&deadline, active_since, limits->idle_ns);
    if (deadline == 0 || connection->host->timer_poll(reader->timer, deadline, waker) != RMIX_OK) return false;
    const char *why = slow      ? "the peer took none of its answers within message_ns"
                      : greets  ? "no message came whole within handshake_ns"
                      : partial ? "a message took longer than message_ns"
                                : "the connection was silent longer than idle_ns";
    connection_die(connection, failure_of(RMIX_KIND_RECONNECT, RMIX_CAUSE_TIMEOUT, 0, why));
    return true;
}

static RmixStatus reader_poll(void *p, const RmixAbiWaker *waker, RmixOpened *out, RmixErr *err) {
    (void)out, (void)err;
    Reader *reader = p;
    Connection *connection = reader->connection;
    RmixAbiWaker mine = waker_clone(waker);
    for (;;) {
        pthread_mutex_lock(&connection->mutex);
        bool dead = connection->dead, its_turn = connection->reader == BACKGROUND;
        RmixAbiWaker old = connection->reader_waker;
        connection->reader_waker = mine;
        pthread_mutex_unlock(&connection->mutex);
        waker_drop(&old);
        if (dead) return RMIX_OK;
        if (!its_turn) return RMIX_PENDING;
        ReadOutcome outcome = connection_read(connection, waker);
        if (outcome == READ_ENDED) return RMIX_OK;
        bool held = outcome == READ_HELD;
        if ((held || outcome == READ_PENDING) && !is_late(reader, held, waker)) return RMIX_PENDING;
        mine = waker_clone(waker);
    }
}

static void reader_drop(void *p) {
    Reader *reader = p;
    Connection *connection = reader->connection;
    connection_die(connection, failure_of(RMIX_KIND_RECONNECT, RMIX_CAUSE_SHUTDOWN, 0, "the host stopped reading"));
    connection->host->timer_release(reader->timer);
    if (connection->number != 0) connection->host->connection_closed(connection->host->ctx, connection->number);
    if (connection->listener != NULL) listener_forget(connection->listener, connection);
    free(reader);
    connection_release(connection);
}

void connection_start_reader(Connection *connection) {
    static const RmixFutVt VT = {sizeof(RmixFutVt), reader_poll, reader_drop};
    Reader *reader = must_alloc(sizeof *reader);
    reader->connection = connection;
    reader->timer = connection->host->timer_new(connection->host->ctx);
    RmixFut future = {reader, &VT};
    connection->host->spawn(connection->host->ctx, future);
}
