/*
 * The plug-in boundary of RMIX in C: everything that crosses between a program and a provider, the same as the Rust
 * modules `rmix_abi::tables` and `rmix_abi::describe`. C99, usable from C++, needs nothing but the two headers below.
 * A test of rmix-abi compiles it and compares every type, field, function and constant with Rust's.
 *
 * A provider is a shared object librmix_<name>.so with one exported data symbol, rmix_provider_v1_<name>, an
 * RmixProviderEntry. The host checks it before any code of the provider runs, calls `init` once, and then works with the
 * tables the provider hands out.
 *
 * Rules of the boundary
 *   1. Whoever allocates frees, always through the table in the object (RmixBuf.vt, RmixHolder.drop, RmixAbiWaker.vt,
 *      RmixFut.vt, ...). Nothing that malloc or another allocator returned crosses bare.
 *   2. Arguments are borrowed for the call, unless the comment says longer. Tables, and what static descriptions hold,
 *      live for ever: a provider is never unmapped.
 *   3. Links, listeners and tables are used from several threads at once; one call is polled by one thread at a time;
 *      wakers wake from any thread. Objects have no thread affinity.
 *   4. Nothing unwinds across: no exception and no longjmp leaves a function of a table.
 *   5. Tables start with their size and only grow at the end; look at `size` before you use a later field.
 *   6. A provider owns no thread and no timer. It waits on the host's reactor (fd_poll_io) and is polled.
 *   7. Out-parameters are written only when the function's status says so. An `err` that is passed in is initialised
 *      (it may hold an empty buffer of the host); append the sentence to `err->message` with its own `vt`.
 */
#ifndef RMIX_PROVIDER_H
#define RMIX_PROVIDER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if UINTPTR_MAX != UINT64_MAX
#error "the layout below is that of 64-bit targets"
#endif

/* Size, alignment and field offsets of every type below, folded into one number: goes into RmixProviderEntry.layout. */
#define RMIX_LAYOUT_HASH UINT64_C(0x341778e03f0873b3)

/* First bytes of every entry. */
#define RMIX_MAGIC { 'R', 'M', 'I', 'X', 'p', 'r', 'o', 'v' }
/* Major version of the boundary: it is part of the exported symbol's name. */
#define RMIX_MAJOR 1
/* Minor version: grows when tables grow. */
#define RMIX_MINOR 0

/* The name of the exported symbol of the provider `name`. */
#define RMIX_ENTRY_SYMBOL(name) rmix_provider_v1_##name

/* Makes the entry visible in an object built with -fvisibility=hidden. */
#if defined(__GNUC__)
#define RMIX_EXPORT __attribute__((visibility("default")))
#else
#define RMIX_EXPORT
#endif

/* ---- Status ------------------------------------------------------------------------------------------------------ */

/* Outcome of a function: one of the below; negative = failed. */
typedef int32_t RmixStatus;

/* Done; out-parameters are filled. */
#define RMIX_OK 0
/* Not yet; the waker that was passed will be woken. */
#define RMIX_PENDING 1
/* Nothing more (end of a sequence of unknown length). */
#define RMIX_END 2
/* A bounded queue is full; wait with poll_ready and try again. */
#define RMIX_FULL 3
/* Failed; the error out-parameter (or the codec's fault) is filled. */
#define RMIX_ERR (-1)

/* ---- Text, buffers, owned values, wakers ------------------------------------------------------------------------- */

/* A borrowed run of bytes, UTF-8 where its use says text; valid for the call it is passed to, or for ever when it stands
 * in a static table. */
typedef struct RmixStr {
    const uint8_t *p; /* first byte, or null when absent */
    size_t n;         /* length in bytes */
} RmixStr;

/* Initialises an RmixStr from a string literal. */
#define RMIX_STR(literal) { (const uint8_t *)("" literal), sizeof(literal) - 1 }
/* Initialises an absent RmixStr. */
#define RMIX_STR_NONE { NULL, 0 }

typedef struct RmixBuf RmixBuf;
typedef struct RmixBufVt RmixBufVt;

/* A growable byte buffer. It belongs to the side that made it; the other side writes past `len` after `reserve`, and
 * frees with `free`. `cap` is 0 when there is nothing to free. */
struct RmixBuf {
    uint8_t *p;          /* `cap` bytes, of which `len` are written */
    size_t len;
    size_t cap;
    const RmixBufVt *vt; /* how to grow and free it */
};

struct RmixBufVt {
    size_t size; /* sizeof(RmixBufVt) of the side that filled it */
    /* Makes room for `additional` more bytes after `len`; RMIX_ERR when memory or a limit is exhausted. */
    RmixStatus (*reserve)(RmixBuf *buf, size_t additional);
    /* Frees the memory and leaves an empty buffer. */
    void (*free)(RmixBuf *buf);
};

typedef struct RmixHolder RmixHolder;

/* An owned value of at most four words. It moves by copying its bytes, so it may not point into itself. */
struct RmixHolder {
    uintptr_t words[4];
    void (*drop)(RmixHolder *holder); /* destroys the value, called once; null when there is nothing to destroy */
};

/* What a codec keeps beside one message; the host carries it unseen. */
typedef struct RmixContext {
    void *p;             /* the provider's own, or null */
    void (*drop)(void *p); /* destroys it, called once with the encoder or decoder; null when there is nothing to destroy */
} RmixContext;

typedef struct RmixAbiWaker RmixAbiWaker;
typedef struct RmixWakeVt RmixWakeVt;

/* A waker of the side that made it. Passed to a poll function it is lent for that call: clone it to keep it. Equal words
 * and table = same task. */
struct RmixAbiWaker {
    const void *words[2];
    const RmixWakeVt *vt;
};

struct RmixWakeVt {
    size_t size; /* sizeof(RmixWakeVt) of the side that filled it */
    void (*clone)(const RmixAbiWaker *waker, RmixAbiWaker *out); /* writes an owned copy to `out` */
    void (*wake_by_ref)(const RmixAbiWaker *waker);              /* wakes; from any thread, never blocks */
    void (*drop)(RmixAbiWaker *waker);                           /* frees an owned waker; call it without your locks */
};

/* ---- Errors ------------------------------------------------------------------------------------------------------ */

/* What the caller should do next. */
#define RMIX_KIND_RETRY 1       /* the same call may succeed later on this link */
#define RMIX_KIND_RECONNECT 2   /* the link is gone; a new one may work */
#define RMIX_KIND_FIX_REQUEST 3 /* the request, endpoint or configuration is wrong */
#define RMIX_KIND_UNSUPPORTED 4 /* this provider or peer cannot do it */
#define RMIX_KIND_DENIED 5      /* refused for lack of rights */
#define RMIX_KIND_PEER_BROKEN 6 /* the peer broke its protocol */
#define RMIX_KIND_INTERNAL 7    /* a defect on this side */

/* Why. An unknown number reads as OTHER. */
#define RMIX_CAUSE_OTHER 0           /* none of the below */
#define RMIX_CAUSE_TIMEOUT 1         /* the deadline passed */
#define RMIX_CAUSE_CANCELLED 2       /* the caller gave the call up */
#define RMIX_CAUSE_CONNECT 3         /* the connection could not be made */
#define RMIX_CAUSE_RESOLVE 4         /* the name does not resolve */
#define RMIX_CAUSE_LINK_CLOSED 5     /* the link was closed or broke */
#define RMIX_CAUSE_IO 6              /* input or output failed */
#define RMIX_CAUSE_PROTOCOL 7        /* the bytes of the peer break a rule of the protocol */
#define RMIX_CAUSE_CODEC 8           /* a value could not be encoded or decoded */
#define RMIX_CAUSE_NO_SUCH_OBJECT 9  /* the peer has no such object */
#define RMIX_CAUSE_NO_SUCH_METHOD 10 /* the peer has no such method */
#define RMIX_CAUSE_BAD_ARGUMENTS 11  /* the peer could not read the arguments */
#define RMIX_CAUSE_REMOTE 12         /* the remote operation raised a fault that is not declared */
#define RMIX_CAUSE_LIMIT 13          /* a limit was reached */
#define RMIX_CAUSE_PANIC 14          /* code panicked */
#define RMIX_CAUSE_SHUTDOWN 15       /* the runtime, provider or link is shutting down */
#define RMIX_CAUSE_ENDPOINT 16       /* the endpoint's text is not valid */
#define RMIX_CAUSE_CHILD_EXITED 17   /* the child process ended; `code` is its exit status */
#define RMIX_CAUSE_AUTHENTICATION 18 /* authentication was refused */
#define RMIX_CAUSE_VERSION 19        /* the peer has another version of the interface */

/* What a failed call may have done. */
#define RMIX_DELIVERY_NOT_SENT 0       /* no byte of the call left this process, or the peer said it did not run it */
#define RMIX_DELIVERY_MAYBE_EXECUTED 1 /* sent, at least in part, and no answer came */
#define RMIX_DELIVERY_EXECUTED 2       /* the peer ran it (and it failed), or said so */

/* An error, filled in by the failing side; the receiver frees `message`. */
typedef struct RmixErr {
    uint32_t kind;     /* RMIX_KIND_... */
    uint32_t cause;    /* RMIX_CAUSE_... */
    uint32_t delivery; /* RMIX_DELIVERY_... */
    uint32_t flags;    /* zero */
    int64_t code;      /* the protocol's own number (errno, exit status, accept state...), or 0 */
    RmixBuf message;   /* one sentence, UTF-8 */
} RmixErr;

/* Classes of codec faults. */
#define RMIX_FAULT_NONE 0        /* no fault */
#define RMIX_FAULT_MALFORMED 1   /* the bytes break the format */
#define RMIX_FAULT_MISMATCH 2    /* a value of another type stands there */
#define RMIX_FAULT_UNSUPPORTED 3 /* the format cannot carry this value */
#define RMIX_FAULT_LIMIT 4       /* a limit was exceeded */
#define RMIX_FAULT_PANIC 5       /* the codec panicked */

/* What went wrong inside a codec: plain values, no allocation. */
typedef struct RmixFault {
    RmixStr rule;      /* the rule that was broken, as text that lives for ever */
    uint64_t offset;   /* byte offset within the message body */
    uint64_t declared; /* the value that broke the rule, when bit 0 of `flags` is set */
    uint64_t limit;    /* the limit it exceeds, when bit 1 of `flags` is set */
    uint32_t flags;
    uint32_t class_;   /* RMIX_FAULT_...; `class` in Rust, a keyword in C++ */
} RmixFault;

/* ---- Limits ------------------------------------------------------------------------------------------------------ */

/* The budget a link or listener is opened with. */
typedef struct RmixLimits {
    size_t size;                   /* sizeof(RmixLimits) of the side that filled it */
    uint64_t message_bytes;        /* largest message, in bytes, in either direction */
    uint64_t items;                /* elements, fields and strings in one message */
    uint64_t queued_bytes;         /* bytes queued for sending on one link before callers wait */
    uint64_t connect_ns;           /* for finding a peer's addresses and connecting */
    uint64_t handshake_ns;         /* for a protocol's handshake, or an accepted connection's first message */
    uint64_t message_ns;           /* from the first byte of a message to its last */
    uint64_t idle_ns;              /* an accepted connection may be silent so long with no call running */
    uint32_t depth;                /* nesting of one value */
    uint32_t fragments;            /* fragments of one record */
    uint32_t outstanding;          /* calls running for one connection before it is no longer read; and calls a client
                                      may have outstanding */
    uint32_t connections;          /* of one listener */
    uint32_t connections_per_peer; /* of one listener from one peer address */
    uint32_t reserved;             /* zero */
} RmixLimits;

/* ---- Codec tables: a value crosses as a stream of typed events, in one buffer ------------------------------------ */

/* Length of a sequence or map that is not known in advance. */
#define RMIX_UNKNOWN UINT64_MAX

/* Kinds of primitive for the bulk functions, and of sequence elements. */
#define RMIX_PRIM_NONE 0 /* not a primitive */
#define RMIX_PRIM_U8 1   /* octets: a sequence of them is a byte string */
#define RMIX_PRIM_I8 2
#define RMIX_PRIM_I16 3
#define RMIX_PRIM_U16 4
#define RMIX_PRIM_I32 5
#define RMIX_PRIM_U32 6
#define RMIX_PRIM_I64 7
#define RMIX_PRIM_U64 8
#define RMIX_PRIM_F32 9
#define RMIX_PRIM_F64 10

/* The fixed-width profile: what a codec promises, so that the host may read and write primitives itself. */
#define RMIX_PROFILE_NONE 0      /* no promise: the table is called for every primitive */
#define RMIX_PROFILE_FIXED_BE4 1 /* big-endian, units of four bytes, shorter integers widened, bool as 0 or 1 in four
                                    bytes; structs, tuples and fields add nothing: RFC 4506 */

/* Shapes of an enum variant's content. */
#define RMIX_SHAPE_UNIT 0    /* no content */
#define RMIX_SHAPE_NEWTYPE 1 /* one value */
#define RMIX_SHAPE_TUPLE 2   /* values by position */
#define RMIX_SHAPE_STRUCT 3  /* values by name */

/* How a struct stands in the input. */
#define RMIX_LAYOUT_POSITIONAL 0 /* values follow in declaration order */
#define RMIX_LAYOUT_NAMED 1      /* each value is preceded by its name (get_key) */

/* Kinds of value a self-describing format finds (get_any). */
#define RMIX_ANY_NIL 0    /* nothing */
#define RMIX_ANY_BOOL 1   /* `bits` is 0 or 1 */
#define RMIX_ANY_I64 2    /* `bits` is a two's complement 64-bit integer */
#define RMIX_ANY_U64 3    /* `bits` is an unsigned integer above INT64_MAX */
#define RMIX_ANY_F32 4    /* the low half of `bits` is an IEEE 754 single */
#define RMIX_ANY_F64 5    /* `bits` is an IEEE 754 double */
#define RMIX_ANY_STR 6    /* `bytes` is text as sent, perhaps not UTF-8 */
#define RMIX_ANY_BYTES 7  /* `bytes` are octets */
#define RMIX_ANY_SEQ 8    /* `bits` elements follow; closed with end_seq */
#define RMIX_ANY_MAP 9    /* `bits` pairs of key and value follow; closed with end_map */
#define RMIX_ANY_EXT 10   /* `bits` is the extension's type, `bytes` its content */

/* A value found by get_any. */
typedef struct RmixAny {
    uint32_t kind;     /* RMIX_ANY_... */
    uint32_t reserved; /* zero */
    uint64_t bits;     /* scalar or length, by kind */
    RmixStr bytes;     /* text, octets or extension content, borrowed from the input */
} RmixAny;

typedef struct RmixEncVt RmixEncVt;
typedef struct RmixDecVt RmixDecVt;

/* An encoder at work. `begin` of a link or responder fills it with the outgoing buffer, the header already in it; the
 * host adds the values through `vt` and gives it back with `submit` or `abort`. */
typedef struct RmixEnc {
    RmixBuf buf;         /* what is written so far */
    const RmixEncVt *vt; /* the codec */
    uint32_t profile;    /* RMIX_PROFILE_... */
    uint32_t depth_left; /* nesting that is still allowed; the host counts */
    uint64_t bytes_max;  /* largest length `buf` may reach */
    uint64_t state[4];   /* the provider's own */
    RmixFault fault;     /* filled when a function of the table returns RMIX_ERR */
    RmixContext context; /* the provider's own, of any size */
} RmixEnc;

/* A decoder at work: the bytes of one value list. Filled by the provider with a reply or an inbound call; the host owns it
 * from then on, and drops `holder` and `context` when it is done. */
typedef struct RmixDec {
    const uint8_t *start; /* first byte of the body, for offsets in errors */
    const uint8_t *p;     /* next byte to read */
    const uint8_t *end;   /* one past the last byte */
    const RmixDecVt *vt;  /* the codec */
    uint32_t profile;     /* RMIX_PROFILE_... */
    uint32_t depth_left;  /* nesting that is still allowed; the host counts */
    uint64_t items_left;  /* elements, fields and strings still allowed; the host counts */
    uint64_t state[4];    /* the provider's own */
    RmixFault fault;      /* filled when a function of the table returns RMIX_ERR */
    RmixHolder holder;    /* keeps the bytes alive */
    RmixContext context;  /* the provider's own, of any size */
} RmixDec;

/* What an encoder can do. Null = not supported by the format (an error when used), except where it says skipped. */
struct RmixEncVt {
    size_t size; /* sizeof(RmixEncVt) of the side that filled it */
    RmixStatus (*put_bool)(RmixEnc *enc, uint8_t value); /* 0 or 1 */
    RmixStatus (*put_i8)(RmixEnc *enc, int8_t value);
    RmixStatus (*put_i16)(RmixEnc *enc, int16_t value);
    RmixStatus (*put_i32)(RmixEnc *enc, int32_t value);
    RmixStatus (*put_i64)(RmixEnc *enc, int64_t value);
    RmixStatus (*put_u8)(RmixEnc *enc, uint8_t value);
    RmixStatus (*put_u16)(RmixEnc *enc, uint16_t value);
    RmixStatus (*put_u32)(RmixEnc *enc, uint32_t value);
    RmixStatus (*put_u64)(RmixEnc *enc, uint64_t value);
    RmixStatus (*put_i128)(RmixEnc *enc, uint64_t low, int64_t high);
    RmixStatus (*put_u128)(RmixEnc *enc, uint64_t low, uint64_t high);
    RmixStatus (*put_f32)(RmixEnc *enc, float value);
    RmixStatus (*put_f64)(RmixEnc *enc, double value);
    RmixStatus (*put_char)(RmixEnc *enc, uint32_t value);   /* a Unicode scalar value */
    RmixStatus (*put_str)(RmixEnc *enc, RmixStr value);     /* UTF-8 */
    RmixStatus (*put_bytes)(RmixEnc *enc, RmixStr value);   /* octets */
    RmixStatus (*put_raw_str)(RmixEnc *enc, RmixStr value); /* text as once received, perhaps not UTF-8 */
    RmixStatus (*put_unit)(RmixEnc *enc);
    RmixStatus (*put_none)(RmixEnc *enc); /* an absent optional value */
    RmixStatus (*put_some)(RmixEnc *enc); /* a present one; the value follows */
    /* A sequence of `len` elements (or RMIX_UNKNOWN) of kind `element`; `token` goes back to end_seq. */
    RmixStatus (*begin_seq)(RmixEnc *enc, uint64_t len, uint32_t element, uint64_t *token);
    RmixStatus (*end_seq)(RmixEnc *enc, uint64_t token, uint32_t element, uint64_t count);
    /* `count` primitives of kind `element` at `values`, inside a sequence of that kind. */
    RmixStatus (*put_prims)(RmixEnc *enc, uint32_t element, const uint8_t *values, size_t count);
    RmixStatus (*begin_tuple)(RmixEnc *enc, uint64_t len); /* exactly `len` values by position; skipped when null */
    RmixStatus (*end_tuple)(RmixEnc *enc);                 /* skipped when null */
    /* A map of `len` pairs (or RMIX_UNKNOWN), keys and values in turn. */
    RmixStatus (*begin_map)(RmixEnc *enc, uint64_t len, uint64_t *token);
    RmixStatus (*end_map)(RmixEnc *enc, uint64_t token, uint64_t count);
    RmixStatus (*begin_struct)(RmixEnc *enc, RmixStr name, uint64_t fields); /* skipped when null */
    RmixStatus (*put_field)(RmixEnc *enc, RmixStr name, uint32_t index);     /* the next value's; skipped when null */
    RmixStatus (*end_struct)(RmixEnc *enc);                                  /* skipped when null */
    /* An enum variant; content follows as its shape says (a tuple or struct opens with its own begin). */
    RmixStatus (*begin_variant)(RmixEnc *enc, RmixStr name, RmixStr variant, uint32_t index, uint32_t shape);
    RmixStatus (*end_variant)(RmixEnc *enc, uint32_t shape);          /* skipped when null */
    RmixStatus (*put_ext)(RmixEnc *enc, int64_t kind, RmixStr value); /* a value of a type of the protocol's own */
    /* The next value is argument `index` of the call (from 0), or its result; skipped when null. */
    RmixStatus (*begin_argument)(RmixEnc *enc, uint32_t index);
};

/* What a decoder can do. Null as in RmixEncVt; a null begin_struct means that values follow by position. Text and octets
 * are borrowed from the input. */
struct RmixDecVt {
    size_t size; /* sizeof(RmixDecVt) of the side that filled it */
    RmixStatus (*get_bool)(RmixDec *dec, uint8_t *out); /* 0 or 1 */
    RmixStatus (*get_i8)(RmixDec *dec, int8_t *out);    /* an integer that does not fit is a fault */
    RmixStatus (*get_i16)(RmixDec *dec, int16_t *out);
    RmixStatus (*get_i32)(RmixDec *dec, int32_t *out);
    RmixStatus (*get_i64)(RmixDec *dec, int64_t *out);
    RmixStatus (*get_u8)(RmixDec *dec, uint8_t *out);
    RmixStatus (*get_u16)(RmixDec *dec, uint16_t *out);
    RmixStatus (*get_u32)(RmixDec *dec, uint32_t *out);
    RmixStatus (*get_u64)(RmixDec *dec, uint64_t *out);
    RmixStatus (*get_i128)(RmixDec *dec, uint64_t *low, int64_t *high);
    RmixStatus (*get_u128)(RmixDec *dec, uint64_t *low, uint64_t *high);
    RmixStatus (*get_f32)(RmixDec *dec, float *out);
    RmixStatus (*get_f64)(RmixDec *dec, double *out);
    RmixStatus (*get_char)(RmixDec *dec, uint32_t *out); /* checked by the host */
    RmixStatus (*get_str)(RmixDec *dec, RmixStr *out);   /* the host checks that it is UTF-8 */
    RmixStatus (*get_bytes)(RmixDec *dec, RmixStr *out);
    RmixStatus (*get_unit)(RmixDec *dec);
    RmixStatus (*get_option)(RmixDec *dec, uint8_t *out); /* 1: a value follows; 0: absent */
    RmixStatus (*begin_seq)(RmixDec *dec, uint64_t *len); /* the length, or RMIX_UNKNOWN when `more` tells */
    /* Whether another element or pair follows (unknown length only): RMIX_OK or RMIX_END. */
    RmixStatus (*more)(RmixDec *dec);
    RmixStatus (*end_seq)(RmixDec *dec, uint32_t element, uint64_t count);
    RmixStatus (*get_prims)(RmixDec *dec, uint32_t element, uint8_t *values, size_t count);
    RmixStatus (*begin_tuple)(RmixDec *dec, uint64_t len);
    RmixStatus (*end_tuple)(RmixDec *dec);                /* skipped when null */
    RmixStatus (*begin_map)(RmixDec *dec, uint64_t *len); /* the number of pairs, or RMIX_UNKNOWN */
    RmixStatus (*end_map)(RmixDec *dec);                  /* skipped when null */
    RmixStatus (*begin_struct)(RmixDec *dec, RmixStr name, uint32_t *layout, uint64_t *len); /* RMIX_LAYOUT_... */
    /* The name before a value of a struct of layout NAMED, or RMIX_END after the last when the length is unknown. */
    RmixStatus (*get_key)(RmixDec *dec, RmixStr *out);
    RmixStatus (*end_struct)(RmixDec *dec); /* skipped when null */
    /* An enum variant: its name, or (name absent) its index; and whether content stands in the input. */
    RmixStatus (*begin_variant)(RmixDec *dec, RmixStr name, uint32_t *index, RmixStr *variant, uint8_t *content);
    RmixStatus (*end_variant)(RmixDec *dec, uint32_t shape);    /* skipped when null */
    RmixStatus (*get_any)(RmixDec *dec, RmixAny *out);          /* the next value, whatever it is */
    RmixStatus (*skip)(RmixDec *dec);                           /* skips one value */
    RmixStatus (*begin_argument)(RmixDec *dec, uint32_t index); /* skipped when null */
    RmixStatus (*finish)(RmixDec *dec); /* everything was read: trailing bytes are a fault where forbidden */
    /* After a fault: line and column, from 1, of a byte of the message, for 0 of where it is; null without lines. */
    RmixStatus (*locate)(RmixDec *dec, uint64_t offset, uint32_t *line, uint32_t *column);
};

/* ---- Descriptions of interfaces, operations and types; they live for ever ---------------------------------------- */

/* Kinds of type. */
#define RMIX_TYPE_KIND_UNIT 0
#define RMIX_TYPE_KIND_BOOL 1
#define RMIX_TYPE_KIND_I8 2
#define RMIX_TYPE_KIND_I16 3
#define RMIX_TYPE_KIND_I32 4
#define RMIX_TYPE_KIND_I64 5
#define RMIX_TYPE_KIND_I128 6
#define RMIX_TYPE_KIND_U8 7
#define RMIX_TYPE_KIND_U16 8
#define RMIX_TYPE_KIND_U32 9
#define RMIX_TYPE_KIND_U64 10
#define RMIX_TYPE_KIND_U128 11
#define RMIX_TYPE_KIND_F32 12
#define RMIX_TYPE_KIND_F64 13
#define RMIX_TYPE_KIND_CHAR 14
#define RMIX_TYPE_KIND_STRING 15
#define RMIX_TYPE_KIND_BYTES 16
#define RMIX_TYPE_KIND_OPTION 17
#define RMIX_TYPE_KIND_SEQ 18
#define RMIX_TYPE_KIND_ARRAY 19
#define RMIX_TYPE_KIND_MAP 20
#define RMIX_TYPE_KIND_TUPLE 21
#define RMIX_TYPE_KIND_STRUCT 22
#define RMIX_TYPE_KIND_ENUM 23
#define RMIX_TYPE_KIND_ANY 24 /* any value (self-describing formats only) */
#define RMIX_TYPE_KIND_OPAQUE 25 /* octets of fixed length */
#define RMIX_TYPE_KIND_LIST 26 /* linked list */

/* What is said of a variant. */
#define RMIX_VARIANT_FLAGS_DISCRIMINANT 1 /* the discriminant is declared, not the position */
#define RMIX_VARIANT_FLAGS_DEFAULT 2      /* stands for every other discriminant, which is its first field */

/* How SOAP carries the calls of an interface. */
#define RMIX_STYLE_WRAPPED 0 /* document/literal, arguments inside an element named after the operation */
#define RMIX_STYLE_BARE 1    /* document/literal, the one argument is the body's child */
#define RMIX_STYLE_RPC 2     /* RPC/literal */
#define RMIX_STYLE_ENCODED 3 /* RPC/encoded */

/* How XML writes an argument, field or variant. */
#define RMIX_FIELD_FLAGS_ATTRIBUTE 1 /* an attribute of the element around it */
#define RMIX_FIELD_FLAGS_TEXT 2      /* the text of the element around it */
#define RMIX_FIELD_FLAGS_LIST 4      /* xs:list */
#define RMIX_FIELD_FLAGS_HEX 8       /* xs:hexBinary, not xs:base64Binary */
#define RMIX_FIELD_FLAGS_NILLABLE 16 /* an absent value is an element with xsi:nil */
#define RMIX_FIELD_FLAGS_WRAPPED 32  /* a sequence in one element, whose children are called `item` */
#define RMIX_FIELD_FLAGS_CHOICE 64   /* the variant's element in place of the field's */
#define RMIX_FIELD_FLAGS_HEADER 128  /* a header block of the envelope */

typedef struct RmixFieldXml {
    uint32_t flags;     /* RMIX_FIELD_FLAGS_... */
    uint32_t reserved;  /* zero */
    RmixStr namespace_; /* of the element or attribute; absent for none (of a variant: the interface's) */
    RmixStr item;       /* name of the items of a wrapped sequence */
    RmixStr name;       /* local name of the element or attribute; absent: the field's or variant's own */
} RmixFieldXml;

/* How XML Schema knows a type. */
#define RMIX_TYPE_FLAGS_DERIVED 1 /* an enum of types told apart by xsi:type; the first is the base of the others */
#define RMIX_TYPE_FLAGS_REFERENCE 2 /* text that is the one of a remote reference; a wsa:EndpointReference in SOAP */

typedef struct RmixTypeXml {
    uint32_t flags;     /* RMIX_TYPE_FLAGS_... */
    uint32_t reserved;  /* zero */
    RmixStr namespace_; /* absent for the interface's */
    RmixStr builtin;    /* local name of the built-in type that it is, or absent */
} RmixTypeXml;

/* What SOAP has to know of an operation. */
#define RMIX_METHOD_FLAGS_OUTPUTS 1 /* the result is a struct whose fields are the outputs */

typedef struct RmixMethodSoap {
    uint32_t flags;             /* RMIX_METHOD_FLAGS_... */
    uint32_t reserved;          /* zero */
    RmixStr action;             /* SOAPAction */
    RmixStr request;            /* the request's element; absent: the operation's name */
    RmixStr request_namespace;  /* absent: the interface's */
    RmixStr response;           /* the response's element; absent: the operation's name with `Response` */
    RmixStr response_namespace; /* absent: the interface's */
    RmixStr result;             /* the result's element; absent: `return` */
    RmixStr result_namespace;   /* absent: none */
} RmixMethodSoap;

typedef struct RmixTypeDesc RmixTypeDesc;

typedef struct RmixTypeRef RmixTypeRef;

/* Gives a type's description; through a function, so that types may contain themselves. */
struct RmixTypeRef {
    const RmixTypeDesc *(*get)(const RmixTypeRef *of); /* called with the place of this struct */
};

typedef const RmixTypeRef *RmixSchema;

/* An argument or field. */
typedef struct RmixFieldDesc {
    RmixStr name;      /* on the wire; absent in tuples */
    RmixSchema schema; /* its type */
    const RmixFieldXml *xml; /* how XML writes it; null for an element without a namespace */
} RmixFieldDesc;

/* A variant of an enum. */
typedef struct RmixVariantDesc {
    RmixStr name;                /* on the wire */
    uint32_t index;              /* declared discriminant, an int32_t bit by bit, or position in the declaration */
    uint32_t shape;              /* RMIX_SHAPE_... */
    uint32_t flags;              /* RMIX_VARIANT_FLAGS_... */
    uint32_t reserved;           /* zero */
    const RmixFieldDesc *fields; /* first of `field_count` */
    size_t field_count;
    const RmixFieldXml *xml;     /* how XML writes it; null for an element in the interface's namespace */
} RmixVariantDesc;

/* A type. */
struct RmixTypeDesc {
    uint32_t kind;                   /* RMIX_TYPE_KIND_... */
    uint32_t len;                    /* of a fixed array or octets; largest of a string, octets or sequence, 0 without bound */
    RmixStr name;                    /* of a struct or enum */
    const RmixFieldDesc *fields;     /* of a struct or tuple */
    size_t field_count;
    const RmixVariantDesc *variants; /* of an enum */
    size_t variant_count;
    RmixSchema element;              /* of an option, sequence, array or map; else null */
    RmixSchema key;                  /* of a map; else null */
    const RmixTypeXml *xml;          /* how XML Schema knows it; null for a type in the interface's namespace */
};

typedef struct RmixInterfaceDesc RmixInterfaceDesc;

/* An operation. */
typedef struct RmixMethodDesc {
    RmixStr name;                   /* on the wire */
    uint32_t number;                /* procedure number, or 0 when it has none */
    uint32_t flags;                 /* RMIX_CALL_FLAGS_... */
    const RmixFieldDesc *arguments; /* null in a dynamic call */
    size_t argument_count;
    RmixSchema result;              /* null when nothing is described */
    RmixSchema fault;               /* declared fault, or null */
    const RmixMethodSoap *soap;     /* what SOAP has to know besides, or null */
    const RmixInterfaceDesc *interface; /* that it belongs to; null when only the operation is known */
} RmixMethodDesc;

/* An interface. */
struct RmixInterfaceDesc {
    RmixStr name;                  /* trait name */
    RmixStr namespace_;            /* URI, or absent; `namespace` in Rust, a keyword in C++ */
    uint32_t program;              /* ONC RPC program number, or 0 */
    uint32_t version;              /* ONC RPC version number, or 0 */
    const RmixMethodDesc *methods; /* in declaration order */
    size_t method_count;
    uint32_t style;                /* RMIX_STYLE_... */
    uint32_t reserved;             /* zero */
};

/* ---- Links and calls --------------------------------------------------------------------------------------------- */

/* Flags of one call. */
#define RMIX_CALL_FLAGS_ONEWAY 1     /* no reply is expected */
#define RMIX_CALL_FLAGS_IDEMPOTENT 2 /* may be repeated without harm */
#define RMIX_CALL_FLAGS_FAULTS 4     /* declares a fault type, so formats without faults of their own carry a union */
#define RMIX_CALL_FLAGS_DRIVEN 8     /* hint: polled whenever woken, until it ends; else it may be left alone */
#define RMIX_CALL_FLAGS_STARTED 16   /* hint: nobody may poll it for a while, submit sees to it that it is sent */
#define RMIX_CALL_FLAGS_RETURNS 32   /* of an inbound one-way call: if it ends in place, its responder comes back unused */

/* What a reply carries. */
#define RMIX_REPLY_VALUE 0 /* the result */
#define RMIX_REPLY_FAULT 1 /* the declared fault's value, or the peer's own error value */

/* Why the host answers a call with an error of the machinery. */
#define RMIX_REFUSAL_DONE 0           /* no refusal: the operation is one-way; answer whatever means "done", or nothing */
#define RMIX_REFUSAL_NO_SUCH_OBJECT 1 /* no object there */
#define RMIX_REFUSAL_NO_SUCH_METHOD 2 /* no such operation */
#define RMIX_REFUSAL_BAD_ARGUMENTS 3  /* arguments unreadable */
#define RMIX_REFUSAL_INTERNAL 4       /* the operation panicked or its result cannot be encoded */
#define RMIX_REFUSAL_BUSY 5           /* too busy, or shutting down */
#define RMIX_REFUSAL_DENIED 6         /* not allowed */

/* A call's options. */
typedef struct RmixCallOptions {
    size_t size;          /* sizeof(RmixCallOptions) of the side that filled it */
    uint64_t deadline_ns; /* time left, in nanoseconds; 0 = none. For protocols that can send it along */
} RmixCallOptions;

/* A reply, as poll_call hands it over; `dec` is the host's from then on. */
typedef struct RmixReply {
    uint32_t kind;     /* RMIX_REPLY_... */
    uint32_t reserved; /* zero */
    RmixDec dec;       /* positioned at the value */
} RmixReply;

/* A link: one connection to one peer; used from any thread. A call is begin (the buffer is lent, with the header in it),
 * encode, then submit or abort; then poll_call until it is ready, then drop_call. drop_call before that cancels: a late
 * reply is dropped. */
typedef struct RmixLinkVt {
    size_t size; /* sizeof(RmixLinkVt) of the side that filled it */
    /* Starts a call with `arguments` arguments; `method` stays valid until the call is dropped. RMIX_FULL: too many calls
     * or bytes queued, wait with poll_ready. */
    RmixStatus (*begin)(const void *link, const RmixMethodDesc *method, uint32_t arguments, uint32_t flags,
                        RmixEnc *enc, RmixErr *err);
    /* Queues the call and takes the buffer back, whatever it returns. For a one-way call `call` is not written. */
    RmixStatus (*submit)(const void *link, RmixEnc *enc, const RmixCallOptions *options, uint64_t *call,
                         RmixErr *err);
    /* Takes the buffer back unsent. */
    void (*abort)(const void *link, RmixEnc *enc);
    /* Moves the call on: RMIX_OK with the reply, RMIX_PENDING, or RMIX_ERR. */
    RmixStatus (*poll_call)(const void *link, uint64_t call, const RmixAbiWaker *waker, RmixReply *reply, RmixErr *err);
    /* Ends a call, finished or not. */
    void (*drop_call)(const void *link, uint64_t call);
    /* RMIX_OK when begin would not return RMIX_FULL. */
    RmixStatus (*poll_ready)(const void *link, const RmixAbiWaker *waker, RmixErr *err);
    /* RMIX_OK when everything submitted before the first poll was handed to the kernel. */
    RmixStatus (*poll_flush)(const void *link, const RmixAbiWaker *waker, RmixErr *err);
    /* No new calls; calls in flight go on. RMIX_OK when all are finished and the connection is closed. */
    RmixStatus (*poll_close)(const void *link, const RmixAbiWaker *waker, RmixErr *err);
    /* Closes at once: calls in flight fail. */
    void (*abandon)(const void *link);
    /* 1 while new calls may be begun. */
    uint8_t (*is_open)(const void *link);
    /* Appends the peer's address or name, for people. */
    void (*describe)(const void *link, RmixBuf *out);
    /* Gives the link up: abandoned if still open, freed when its calls are dropped. */
    void (*release)(const void *link);
} RmixLinkVt;

/* A listener: an exported object's endpoint. */
typedef struct RmixListenerVt {
    size_t size; /* sizeof(RmixListenerVt) of the side that filled it */
    /* Appends the endpoint peers can use, with the real port. */
    void (*endpoint)(const void *listener, RmixBuf *out);
    /* Stops accepting; calls that run are finished and answered. RMIX_OK when all connections are closed. */
    RmixStatus (*poll_close)(const void *listener, const RmixAbiWaker *waker, RmixErr *err);
    /* Closes everything at once. */
    void (*abandon)(const void *listener);
    /* Gives the listener up: abandoned if still open. */
    void (*release)(const void *listener);
} RmixListenerVt;

typedef struct RmixResponder RmixResponder;

/* Functions of a responder. */
typedef struct RmixResponderVt {
    size_t size; /* sizeof(RmixResponderVt) of the side that filled it */
    /* Lends the outgoing buffer with the reply's header; RMIX_REPLY_..., RMIX_CALL_FLAGS_... */
    RmixStatus (*begin)(RmixResponder *responder, uint32_t kind, uint32_t flags, RmixEnc *enc, RmixErr *err);
    /* Sends the reply and ends the responder; takes the buffer back, whatever it returns. */
    RmixStatus (*submit)(RmixResponder *responder, RmixEnc *enc, RmixErr *err);
    /* Gives the buffer back unsent; the responder may begin again. */
    void (*abort)(RmixResponder *responder, RmixEnc *enc);
    /* Answers with an error of the machinery (RMIX_REFUSAL_... and a sentence) and ends the responder. */
    void (*refuse)(RmixResponder *responder, uint32_t refusal, RmixStr message);
} RmixResponderVt;

/* The right to answer one inbound call, once. The host drops `words` in the end, answered or not; dropped unanswered, it
 * answers "internal error" (nothing for one-way). */
struct RmixResponder {
    RmixHolder words; /* the provider's own */
    const RmixResponderVt *vt;
};

/* An inbound call, handed to the host's `dispatch`, which takes `dec` and `responder` (but for RMIX_END) out of it. */
typedef struct RmixServerCall {
    size_t size;             /* sizeof(RmixServerCall) of the side that filled it */
    uint64_t object;         /* the token the listener or link was opened with */
    uint64_t connection;     /* unique within the host: one-way calls of one connection keep their order */
    RmixStr method;          /* name, or absent when called by number; valid for the call of `dispatch` */
    uint32_t number;         /* when there is no name */
    uint32_t flags;          /* RMIX_CALL_FLAGS_ONEWAY, and RMIX_CALL_FLAGS_RETURNS beside it */
    uint32_t arguments;      /* number of arguments, or UINT32_MAX when the format does not tell */
    uint32_t reserved;       /* zero */
    RmixStr peer;            /* the peer's address or name; valid for the call of `dispatch` */
    RmixStr claim;           /* who the caller says it is, or absent: a scheme and facts, `sys uid=1000 gid=100`, values
                                percent-encoded; nobody has checked it, unless it begins with `verified:`; valid for
                                the call of `dispatch` */
    RmixDec dec;             /* arguments */
    RmixResponder responder; /* where the answer goes */
} RmixServerCall;

/* ---- Providers --------------------------------------------------------------------------------------------------- */

/* What connect and listen are told. */
typedef struct RmixOpenRequest {
    size_t size;              /* sizeof(RmixOpenRequest) of the host */
    RmixStr endpoint;         /* valid for the call */
    const RmixLimits *limits; /* valid for the call */
    uint64_t object;          /* token of the object inbound calls go to; 0 for none */
    const RmixInterfaceDesc *interface; /* of that object, lives for ever; null when it is not described */
} RmixOpenRequest;

/* What a future may yield; the provider fills `object` and one of the tables. */
typedef struct RmixOpened {
    const void *object;
    const RmixLinkVt *link;
    const RmixListenerVt *listener;
} RmixOpened;

/* Functions of a future. */
typedef struct RmixFutVt {
    size_t size; /* sizeof(RmixFutVt) of the side that filled it */
    /* RMIX_OK with the output, RMIX_PENDING, or RMIX_ERR; not polled again after RMIX_OK or RMIX_ERR. */
    RmixStatus (*poll)(void *p, const RmixAbiWaker *waker, RmixOpened *out, RmixErr *err);
    /* Frees it, finished or not; unfinished, this cancels. */
    void (*drop)(void *p);
} RmixFutVt;

/* A future of the provider, polled and dropped by the host; by one thread at a time. */
typedef struct RmixFut {
    void *p; /* the provider's own */
    const RmixFutVt *vt;
} RmixFut;

/* What a provider as a whole can do. */
typedef struct RmixProviderVt {
    size_t size; /* sizeof(RmixProviderVt) of the provider */
    /* Opens a link; the future's output is a link. */
    RmixStatus (*connect)(const void *provider, const RmixOpenRequest *request, RmixFut *out, RmixErr *err);
    /* Opens a listener; the future's output is a listener. */
    RmixStatus (*listen)(const void *provider, const RmixOpenRequest *request, RmixFut *out, RmixErr *err);
    /* Frees the provider; called when no link, listener or future of it is left. The code stays mapped. */
    void (*release)(const void *provider);
} RmixProviderVt;

/* What a provider can do; bits of RmixProviderEntry.capabilities. */
#define RMIX_CAPABILITY_ONEWAY UINT64_C(1)          /* one-way calls */
#define RMIX_CAPABILITY_TWOWAY UINT64_C(2)          /* calls with replies */
#define RMIX_CAPABILITY_LISTEN UINT64_C(4)          /* objects can be exported */
#define RMIX_CAPABILITY_SYMMETRIC UINT64_C(8)       /* both ends of one link may call */
#define RMIX_CAPABILITY_FAULTS UINT64_C(16)         /* operations may declare faults */
#define RMIX_CAPABILITY_ORDERED UINT64_C(32)        /* calls of one link arrive in the order sent */
#define RMIX_CAPABILITY_CONCURRENT UINT64_C(64)     /* several calls may be outstanding on one link */
#define RMIX_CAPABILITY_SELF_DESCRIBING UINT64_C(128) /* values describe themselves: calls need no description */
#define RMIX_CAPABILITY_NUMBERED UINT64_C(256)      /* methods are called by number and must have one */
#define RMIX_CAPABILITY_CANCEL UINT64_C(512)        /* a running call is told when its caller gives up */
#define RMIX_CAPABILITY_DEADLINE UINT64_C(1024)     /* the caller's deadline travels with the call */

/* ---- The host ---------------------------------------------------------------------------------------------------- */

/* Interest in readiness. */
#define RMIX_READ 1
#define RMIX_WRITE 2

/* Results of RmixIoOp. */
#define RMIX_IO_WOULD_BLOCK (-1)              /* the operation would block */
#define RMIX_IO_DRAINED (INT64_C(1) << 62)    /* a bit: the stream has nothing more for now, readiness may be cleared */

/* Work that may block: its argument, and whether to do it (1) or only to free the argument (0). */
typedef void (*RmixBlockingWork)(void *argument, uint8_t run);

/* An operation on a descriptor, run by the host between taking and clearing readiness. Returns 0 or more when done (its
 * meaning is the provider's; errors count as done), RMIX_IO_WOULD_BLOCK, or done with RMIX_IO_DRAINED set. */
typedef int64_t (*RmixIoOp)(void *context);

/* A descriptor lent to the host's reactor. */
typedef struct RmixHostFd RmixHostFd;
/* A timer of the host. */
typedef struct RmixHostTimer RmixHostTimer;

/* Levels of RmixHostVt.log. */
#define RMIX_LEVEL_ERROR 1 /* something is broken */
#define RMIX_LEVEL_WARN 2  /* something is suspicious */
#define RMIX_LEVEL_INFO 3  /* something happened */
#define RMIX_LEVEL_DEBUG 4 /* for debugging */

/* The host's functions; valid for ever, from any thread. `ctx` goes back with every call that takes one. */
typedef struct RmixHostVt {
    size_t size;     /* sizeof(RmixHostVt) of the host; tells its minor version */
    const void *ctx; /* the host's own */
    /* Registers a descriptor that stays the provider's; release it before you close the descriptor. */
    RmixStatus (*fd_register)(const void *ctx, int32_t fd, RmixHostFd **out, RmixErr *err);
    /* Runs `op` when the descriptor is ready for `interest`; RMIX_IO_WOULD_BLOCK: the waker will be woken (only the last
     * one per interest is kept); INT64_MIN: the reactor failed. */
    int64_t (*fd_poll_io)(RmixHostFd *fd, uint32_t interest, const RmixAbiWaker *waker, RmixIoOp op, void *op_context);
    /* Ends the registration. */
    void (*fd_release)(RmixHostFd *fd);
    /* Monotonic time in nanoseconds. */
    uint64_t (*now_ns)(const void *ctx);
    RmixHostTimer *(*timer_new)(const void *ctx);
    /* RMIX_OK when `deadline_ns` (of now_ns) has passed, else RMIX_PENDING; each poll may name another time. */
    RmixStatus (*timer_poll)(RmixHostTimer *timer, uint64_t deadline_ns, const RmixAbiWaker *waker);
    void (*timer_release)(RmixHostTimer *timer);
    /* Runs a future to its end in the background, and drops it, also when this fails; its output is ignored. */
    RmixStatus (*spawn)(const void *ctx, RmixFut future);
    /* Runs work(argument, 1) where it may block: in place when the caller's thread may, else on another thread.
     * work(argument, 0) when it will not be run. One of the two, once. */
    void (*spawn_blocking)(const void *ctx, RmixBlockingWork work, void *argument);
    /* Takes an inbound call. RMIX_OK: answered in place; RMIX_PENDING: will be answered later through its responder;
     * RMIX_END, only with RMIX_CALL_FLAGS_RETURNS: ended in place, and `responder` is the provider's again, unused. */
    RmixStatus (*dispatch)(const void *ctx, RmixServerCall *call);
    /* A connection that made inbound calls is gone. */
    void (*connection_closed)(const void *ctx, uint64_t connection);
    /* A number no other connection of this host has. */
    uint64_t (*next_connection)(const void *ctx);
    /* Logs one line. */
    void (*log)(const void *ctx, uint32_t level, RmixStr target, RmixStr message);
} RmixHostVt;

/* The exported data symbol rmix_provider_v1_<name>: checked before any code of the provider runs. */
typedef struct RmixProviderEntry {
    uint8_t magic[8];      /* RMIX_MAGIC */
    uint32_t size;         /* sizeof(RmixProviderEntry) */
    uint16_t major;        /* RMIX_MAJOR */
    uint16_t minor;        /* RMIX_MINOR */
    uint64_t layout;       /* RMIX_LAYOUT_HASH */
    RmixStr name;          /* short name, equal to the symbol's suffix */
    RmixStr version;       /* of the provider */
    RmixStr build;         /* compiler, target and profile, for messages only */
    RmixStr schemes;       /* endpoint schemes, separated by spaces */
    uint64_t capabilities; /* RMIX_CAPABILITY_... */
    /* Makes the provider ready and returns its table; called once per host. It starts no thread and opens nothing. */
    RmixStatus (*init)(const RmixHostVt *host, const RmixProviderVt **out, const void **object, RmixErr *err);
} RmixProviderEntry;

#ifdef __cplusplus
}
#endif

#endif
