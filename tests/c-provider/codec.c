/* Values without tags, by position, little-endian. Integers, floats and characters have the width of their type; text,
 * octets, sequences and maps start with a u32 count; options with a u8 (0 absent, 1 present); variants with a u32 index.
 * Structs, tuples and the unit value add nothing. Nothing describes itself: there is no get_any and no skip. */
#include "cframe.h"

#define NO_DECLARED UINT64_MAX

static RmixStatus fault(RmixFault *to, uint32_t class_, const char *rule, uint64_t offset, uint64_t declared, uint64_t limit) {
    to->rule = text(rule);
    to->offset = offset;
    to->declared = declared;
    to->limit = limit;
    to->flags = declared == NO_DECLARED ? 0 : 3;
    to->class_ = class_;
    return RMIX_ERR;
}

/* ---- Encoding ---- */

/* Makes room for `count` bytes, within the limit. */
static RmixStatus put_room(RmixEnc *enc, size_t count) {
    RmixBuf *buffer = &enc->buf;
    uint64_t length = (uint64_t)buffer->len + count;
    if (length > enc->bytes_max)
        return fault(&enc->fault, RMIX_FAULT_LIMIT, "message_bytes", buffer->len, length, enc->bytes_max);
    if (buffer->cap - buffer->len < count && buffer->vt->reserve(buffer, count) != RMIX_OK)
        return fault(&enc->fault, RMIX_FAULT_LIMIT, "memory for the outgoing message", buffer->len, NO_DECLARED, 0);
    return RMIX_OK;
}

static RmixStatus put(RmixEnc *enc, const void *bytes, size_t count) {
    RmixStatus status = put_room(enc, count);
    if (status != RMIX_OK || count == 0) return status;
    memcpy(enc->buf.p + enc->buf.len, bytes, count);
    enc->buf.len += count;
    return RMIX_OK;
}

/* Copies `count` values of `width` bytes between memory and the wire, in either direction. */
static void copy_values(uint8_t *to, const uint8_t *from, size_t width, size_t count) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    for (size_t i = 0; i < count * width; i++) to[i / width * width + (width - 1 - i % width)] = from[i];
#else
    memcpy(to, from, width * count);
#endif
}

#define SCALAR(name, type)                                                                     \
    static RmixStatus put_##name(RmixEnc *enc, type value) {                                   \
        uint8_t bytes[sizeof value];                                                           \
        copy_values(bytes, (const uint8_t *)&value, sizeof value, 1);                          \
        return put(enc, bytes, sizeof value);                                                  \
    }                                                                                          \
    static RmixStatus get_##name(RmixDec *dec, type *out) { return get(dec, out, sizeof *out); }

static RmixStatus ends_early(RmixDec *dec, uint64_t wanted) {
    uint64_t left = (uint64_t)(dec->end - dec->p);
    return fault(&dec->fault, RMIX_FAULT_MALFORMED, "the value ends early", (uint64_t)(dec->p - dec->start), wanted, left);
}

static RmixStatus get(RmixDec *dec, void *out, size_t width) {
    if ((size_t)(dec->end - dec->p) < width) return ends_early(dec, width);
    copy_values(out, dec->p, width, 1);
    dec->p += width;
    return RMIX_OK;
}

SCALAR(i8, int8_t)
SCALAR(i16, int16_t)
SCALAR(i32, int32_t)
SCALAR(i64, int64_t)
SCALAR(byte, uint8_t)
SCALAR(half, uint16_t)
SCALAR(word, uint32_t)
SCALAR(u64, uint64_t)
SCALAR(f32, float)
SCALAR(f64, double)

static RmixStatus put_i128(RmixEnc *enc, uint64_t low, int64_t high) {
    RmixStatus status = put_u64(enc, low);
    return status == RMIX_OK ? put_i64(enc, high) : status;
}

static RmixStatus put_u128(RmixEnc *enc, uint64_t low, uint64_t high) { return put_i128(enc, low, (int64_t)high); }

static RmixStatus put_count(RmixEnc *enc, uint64_t count) {
    if (count > UINT32_MAX)
        return fault(&enc->fault, RMIX_FAULT_UNSUPPORTED, "more elements than 32 bits count", enc->buf.len, count, UINT32_MAX);
    return put_word(enc, (uint32_t)count);
}

static RmixStatus put_run(RmixEnc *enc, RmixStr value) {
    RmixStatus status = put_count(enc, value.n);
    return status == RMIX_OK ? put(enc, value.p, value.n) : status;
}

static RmixStatus put_nothing(RmixEnc *enc) {
    (void)enc;
    return RMIX_OK;
}

static RmixStatus put_none(RmixEnc *enc) { return put_byte(enc, 0); }
static RmixStatus put_some(RmixEnc *enc) { return put_byte(enc, 1); }

/* The token is the place of the count, which is patched when it was not known. */
static RmixStatus begin_counted(RmixEnc *enc, uint64_t count, uint64_t *token) {
    *token = enc->buf.len;
    return put_count(enc, count == RMIX_UNKNOWN ? 0 : count);
}

static RmixStatus end_counted(RmixEnc *enc, uint64_t token, uint64_t count) {
    if (count > UINT32_MAX)
        return fault(&enc->fault, RMIX_FAULT_UNSUPPORTED, "more elements than 32 bits count", token, count, UINT32_MAX);
    put_u32(enc->buf.p + token, (uint32_t)count);
    return RMIX_OK;
}

static RmixStatus put_begin_seq(RmixEnc *enc, uint64_t count, uint32_t element, uint64_t *token) {
    (void)element;
    return begin_counted(enc, count, token);
}

static RmixStatus put_end_seq(RmixEnc *enc, uint64_t token, uint32_t element, uint64_t count) {
    (void)element;
    return end_counted(enc, token, count);
}

static size_t width_of(uint32_t element) {
    static const uint8_t WIDTHS[] = {0, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8};
    return element < sizeof WIDTHS ? WIDTHS[element] : 0;
}

static RmixStatus put_prims(RmixEnc *enc, uint32_t element, const uint8_t *values, size_t count) {
    size_t width = width_of(element);
    if (width == 0)
        return fault(&enc->fault, RMIX_FAULT_UNSUPPORTED, "an unknown kind of primitive", enc->buf.len, element, RMIX_PRIM_F64);
    RmixStatus status = put_room(enc, count * width);
    if (status != RMIX_OK || count == 0) return status;
    copy_values(enc->buf.p + enc->buf.len, values, width, count);
    enc->buf.len += count * width;
    return RMIX_OK;
}

static RmixStatus put_variant(RmixEnc *enc, RmixStr name, RmixStr variant, uint32_t index, uint32_t shape) {
    (void)name, (void)variant, (void)shape;
    return put_word(enc, index);
}

/* Null: text that is not UTF-8, extensions; and what adds nothing: tuples, structs, fields, ends of variants, arguments. */
const RmixEncVt ENCODER = {
    .size = sizeof(RmixEncVt), .put_bool = put_byte, .put_i8 = put_i8, .put_i16 = put_i16, .put_i32 = put_i32,
    .put_i64 = put_i64, .put_u8 = put_byte, .put_u16 = put_half, .put_u32 = put_word, .put_u64 = put_u64,
    .put_i128 = put_i128, .put_u128 = put_u128, .put_f32 = put_f32, .put_f64 = put_f64, .put_char = put_word,
    .put_str = put_run, .put_bytes = put_run, .put_unit = put_nothing, .put_none = put_none, .put_some = put_some,
    .begin_seq = put_begin_seq, .end_seq = put_end_seq, .put_prims = put_prims, .begin_map = begin_counted,
    .end_map = end_counted, .begin_variant = put_variant,
};

/* ---- Decoding ---- */

static RmixStatus get_flag(RmixDec *dec, uint8_t *out) {
    uint8_t byte = 0;
    RmixStatus status = get_byte(dec, &byte);
    if (status != RMIX_OK) return status;
    if (byte > 1) return fault(&dec->fault, RMIX_FAULT_MALFORMED, "neither 0 nor 1", (uint64_t)(dec->p - dec->start) - 1, byte, 1);
    *out = byte;
    return RMIX_OK;
}

static RmixStatus get_u128(RmixDec *dec, uint64_t *low, uint64_t *high) {
    RmixStatus status = get_u64(dec, low);
    return status == RMIX_OK ? get_u64(dec, high) : status;
}

static RmixStatus get_i128(RmixDec *dec, uint64_t *low, int64_t *high) {
    RmixStatus status = get_u64(dec, low);
    return status == RMIX_OK ? get_i64(dec, high) : status;
}

static RmixStatus get_run(RmixDec *dec, RmixStr *out) {
    uint32_t count = 0;
    RmixStatus status = get_word(dec, &count);
    if (status != RMIX_OK) return status;
    if ((size_t)(dec->end - dec->p) < count) return ends_early(dec, count);
    out->p = dec->p;
    out->n = count;
    dec->p += count;
    return RMIX_OK;
}

static RmixStatus get_nothing(RmixDec *dec) {
    (void)dec;
    return RMIX_OK;
}

static RmixStatus get_count(RmixDec *dec, uint64_t *out) {
    uint32_t count = 0;
    RmixStatus status = get_word(dec, &count);
    *out = count;
    return status;
}

static RmixStatus get_end_seq(RmixDec *dec, uint32_t element, uint64_t count) {
    (void)dec, (void)element, (void)count;
    return RMIX_OK;
}

static RmixStatus get_prims(RmixDec *dec, uint32_t element, uint8_t *values, size_t count) {
    size_t width = width_of(element);
    if (width == 0 || (size_t)(dec->end - dec->p) / width < count) return ends_early(dec, count * width);
    copy_values(values, dec->p, width, count);
    dec->p += width * count;
    return RMIX_OK;
}

static RmixStatus get_tuple(RmixDec *dec, uint64_t len) {
    (void)dec, (void)len;
    return RMIX_OK;
}

static RmixStatus get_variant(RmixDec *dec, RmixStr name, uint32_t *index, RmixStr *variant, uint8_t *content) {
    (void)name, (void)variant;
    RmixStatus status = get_word(dec, index);
    if (status != RMIX_OK) return status;
    /* The largest number would say "by name". */
    if (*index == UINT32_MAX)
        return fault(&dec->fault, RMIX_FAULT_MALFORMED, "no variant has this index", (uint64_t)(dec->p - dec->start) - 4, *index, UINT32_MAX - 1);
    *content = 1;
    return RMIX_OK;
}

static RmixStatus finish(RmixDec *dec) {
    uint64_t left = (uint64_t)(dec->end - dec->p);
    if (left == 0) return RMIX_OK;
    return fault(&dec->fault, RMIX_FAULT_MALFORMED, "bytes follow the last value", (uint64_t)(dec->p - dec->start), left, 0);
}

const RmixDecVt DECODER = {
    .size = sizeof(RmixDecVt), .get_bool = get_flag, .get_i8 = get_i8, .get_i16 = get_i16, .get_i32 = get_i32,
    .get_i64 = get_i64, .get_u8 = get_byte, .get_u16 = get_half, .get_u32 = get_word, .get_u64 = get_u64,
    .get_i128 = get_i128, .get_u128 = get_u128, .get_f32 = get_f32, .get_f64 = get_f64, .get_char = get_word,
    .get_str = get_run, .get_bytes = get_run, .get_unit = get_nothing, .get_option = get_flag, .begin_seq = get_count,
    .end_seq = get_end_seq, .get_prims = get_prims, .begin_tuple = get_tuple, .begin_map = get_count,
    .begin_variant = get_variant, .finish = finish,
};
