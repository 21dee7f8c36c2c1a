/*
 * The inside of the provider `cframe`: a provider in C, written against rmix_provider.h alone, that proves the boundary is
 * a C interface. Not for use: it exists for tests.
 *
 * Protocol `cframe`, over a Unix stream socket, all integers little-endian:
 *
 *   offset 0   u32  length   bytes that follow (at least 7, at most limits.message_bytes)
 *   offset 4   u32  id       chosen by the caller; the answer repeats it
 *   offset 8   u8   kind     1 call, 2 one-way call, 3 result, 4 fault, 5 refusal
 *   offset 9   u16  n        bytes of the method's name; 0 in answers
 *   offset 11  n bytes name, then the body: arguments, result or fault as values without tags (codec.c); of a refusal a u32
 *              RMIX_REFUSAL_... and a sentence
 *
 * Both ends of a connection may call. Files: provider.c entry and connect; listener.c accepting; link.c outgoing calls;
 * connection.c the socket, both queues and the death of a connection; inbound.c incoming frames and answers; codec.c.
 *
 * Locks: one mutex for each connection and each listener. They are never held together, and never across a call of the
 * host but for cloning wakers and for non-blocking sends, neither of which comes back into the provider.
 */
#ifndef CFRAME_H
#define CFRAME_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rmix_provider.h"

#define HEADER_BYTES 11 /* before the method's name, the length included */
#define LENGTH_BYTES 4  /* what the length does not count */
#define LEAST_LENGTH (HEADER_BYTES - LENGTH_BYTES)

enum { FRAME_CALL = 1, FRAME_ONEWAY = 2, FRAME_RESULT = 3, FRAME_FAULT = 4, FRAME_REFUSAL = 5 };

/* ---- memory.c: memory, text, wakers ---- */

/* Small bookkeeping memory; ends the process when there is none, as Rust's allocator does. Never sized by a peer. */
void *must_alloc(size_t size);
void *must_realloc(void *old, size_t size);

extern const RmixBufVt BUFFER_VT;
RmixBuf buffer_new(void);
/* Appends to a buffer of either side; false when it cannot grow. */
bool buffer_append(RmixBuf *buffer, const void *bytes, size_t count);
void buffer_free(RmixBuf *buffer);
RmixStr text(const char *string);
/* Fills `err`; the sentence is copied into the buffer that is there. Returns RMIX_ERR. */
RmixStatus fail(RmixErr *err, uint32_t kind, uint32_t cause, uint32_t delivery, int64_t code, const char *sentence);

/* Wakers collected under a lock and woken after it. */
typedef struct Wakers {
    RmixAbiWaker *items;
    size_t count, room;
} Wakers;
/* Takes `*waker` over, which becomes empty. */
void wakers_take(Wakers *wakers, RmixAbiWaker *waker);
void wakers_move(Wakers *to, Wakers *from);
/* Adds an owned waker, or leaves it to the caller when one of the same task is there. Returns whether it was added. */
bool wakers_add(Wakers *wakers, RmixAbiWaker waker);
void wakers_wake(Wakers *wakers);
RmixAbiWaker waker_clone(const RmixAbiWaker *waker);
bool waker_is(const RmixAbiWaker *waker);
void waker_drop(RmixAbiWaker *waker);

static inline void put_u16(uint8_t *to, uint16_t value) { to[0] = (uint8_t)value; to[1] = (uint8_t)(value >> 8); }
static inline void put_u32(uint8_t *to, uint32_t value) { put_u16(to, (uint16_t)value); put_u16(to + 2, (uint16_t)(value >> 16)); }
static inline uint16_t get_u16(const uint8_t *from) { return (uint16_t)(from[0] | from[1] << 8); }
static inline uint32_t get_u32(const uint8_t *from) { return get_u16(from) | (uint32_t)get_u16(from + 2) << 16; }

/* ---- codec.c ---- */

extern const RmixEncVt ENCODER;
extern const RmixDecVt DECODER;

/* ---- connection.c ---- */

/* A received frame; shared by the decoder and whoever looks at the name. */
typedef struct Frame {
    atomic_uint references;
    uint32_t id;
    uint8_t kind;
    size_t name_bytes, bytes_count; /* of the name; of all after the header */
    uint8_t bytes[];                /* name, body */
} Frame;
void frame_release(Frame *frame);

typedef enum { CALL_WAITS, CALL_ANSWERED, CALL_TAKEN } CallState;

typedef struct Call {
    uint32_t id;
    CallState state;
    bool driven;        /* polled whenever it is woken: may read for others */
    uint64_t starts_at; /* place of its frame in all that was ever queued */
    RmixAbiWaker waker;
    Frame *answer;
} Call;

typedef struct Failure {
    uint32_t kind, cause;
    int64_t code;
    char sentence[160];
} Failure;

struct Listener;

/* Whose turn it is to read. */
#define NOBODY 0u
#define BACKGROUND UINT64_MAX

typedef struct Connection {
    atomic_uint references;
    const RmixHostVt *host;
    RmixLimits limits;
    uint64_t object, number;   /* token for inbound calls or 0; the host's number of this connection or 0 */
    struct Listener *listener; /* null for a connection we made */
    struct Connection *next;   /* in the listener's list, under the listener's mutex */
    int fd;
    RmixHostFd *host_fd;
    uint64_t opened_at;
    char peer[128];

    /* Received bytes; touched by the reader only (whose turn `reader` says). */
    uint8_t *in;
    size_t in_first, in_end, in_room;
    uint64_t message_since;
    bool greeted; /* a whole frame has come */

    pthread_mutex_t mutex; /* guards all below */
    uint64_t active_since;
    uint64_t reader;       /* NOBODY, BACKGROUND or a driven call's number */
    bool background;       /* the background reader runs: it reads whenever no call does */
    RmixAbiWaker reader_waker;
    uint8_t *out;
    size_t out_first, out_end, out_room;
    uint64_t queued, sent; /* bytes since the beginning */
    bool flushing;         /* a background flush runs */
    RmixAbiWaker flush_waker;
    Call *calls;
    uint32_t calls_count, calls_room, begun; /* begun: lent buffers of calls not yet submitted */
    uint32_t last_id;
    bool ids_repeat; /* all ids were used once */
    uint32_t running; /* inbound calls not yet ended */
    uint64_t running_bytes; /* of their arguments */
    uint64_t sent_since;    /* when the peer last took something, or something was queued for it */
    bool closing;     /* no new calls */
    bool draining;    /* no new inbound calls; ends when those that run are answered */
    bool mute;        /* the peer takes no more bytes, but what it sent may still be read */
    bool dead;
    Failure failure; /* why mute or dead */
    Wakers ready, flushed, closed;
} Connection;

/* Takes the descriptor over, also when it fails. */
Connection *connection_new(const RmixHostVt *host, int fd, const RmixLimits *limits, uint64_t object,
                           const char *peer, RmixErr *err);
void connection_retain(Connection *connection);
void connection_release(Connection *connection);
Failure failure_of(uint32_t kind, uint32_t cause, int64_t code, const char *sentence);
/* Ends the connection. */
void connection_die(Connection *connection, Failure failure);
void connection_die_locked(Connection *connection, Failure failure, Wakers *wake);
/* Ends a draining or closing connection when nothing is left to do. */
void connection_settle_locked(Connection *connection, Wakers *wake);
bool connection_waits_locked(const Connection *connection);
/* Queues a frame and sends what the kernel takes; returns whether a background flush must be started. */
bool connection_queue_locked(Connection *connection, const uint8_t *bytes, size_t count, Wakers *wake);
void connection_start_flush(Connection *connection);
Call *connection_call_locked(Connection *connection, uint64_t id);
/* Finds who reads next when nobody does: the background reader, or a driven call. */
void connection_pass_on_locked(Connection *connection, Wakers *wake);

/* ---- inbound.c ---- */

typedef enum { READ_PROGRESS, READ_PENDING, READ_HELD, READ_ENDED } ReadOutcome;
/* Handles what was received, and reads once when nothing is left to handle. Only for the reader. */
ReadOutcome connection_read(Connection *connection, const RmixAbiWaker *waker);
/* Starts the background reader, whose flag was set before; takes over one reference. */
void connection_start_reader(Connection *connection);
RmixDec decoder_over(const Connection *connection, Frame *frame);
/* An outgoing buffer with a header. */
RmixStatus encoder_begin(const Connection *connection, uint8_t kind, RmixStr name, RmixEnc *enc, RmixErr *err);

/* ---- link.c, listener.c ---- */

extern const RmixLinkVt LINK_VT;
extern const RmixListenerVt LISTENER_VT;

typedef struct Listener {
    atomic_uint references;
    const RmixHostVt *host;
    RmixLimits limits;
    uint64_t object;
    int fd;
    RmixHostFd *host_fd;
    RmixHostTimer *timer; /* for a pause when descriptors run out */
    uint64_t pause_until;
    char *path;

    pthread_mutex_t mutex; /* guards all below */
    Connection *connections;
    uint32_t connections_count;
    bool closing, accepting;
    RmixAbiWaker accept_waker;
    Wakers closed;
} Listener;
Listener *listener_open(const RmixHostVt *host, const char *path, const RmixLimits *limits, uint64_t object, RmixErr *err);
void listener_forget(Listener *listener, Connection *connection);
void listener_release_reference(Listener *listener);

#endif
