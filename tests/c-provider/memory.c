/* Memory, text, errors and wakers of the provider `cframe`; see cframe.h. */
#include "cframe.h"

void *must_alloc(size_t size) { return must_realloc(NULL, size); }

void *must_realloc(void *old, size_t size) {
    void *memory = realloc(old, size);
    if (memory == NULL) abort();
    return memory;
}

/* ---- Buffers ---- */

static RmixStatus buffer_reserve(RmixBuf *buffer, size_t additional) {
    if (buffer->cap - buffer->len >= additional) return RMIX_OK;
    if (additional > SIZE_MAX / 2 - buffer->len) return RMIX_ERR;
    size_t room = buffer->len + additional;
    if (room < buffer->cap * 2) room = buffer->cap * 2;
    if (room < 64) room = 64;
    uint8_t *memory = realloc(buffer->p, room);
    if (memory == NULL) return RMIX_ERR;
    buffer->p = memory;
    buffer->cap = room;
    return RMIX_OK;
}

static void buffer_clear(RmixBuf *buffer) {
    free(buffer->p);
    *buffer = buffer_new();
}

const RmixBufVt BUFFER_VT = {sizeof(RmixBufVt), buffer_reserve, buffer_clear};

RmixBuf buffer_new(void) {
    RmixBuf buffer = {NULL, 0, 0, &BUFFER_VT};
    return buffer;
}

bool buffer_append(RmixBuf *buffer, const void *bytes, size_t count) {
    if (count == 0) return true;
    if (buffer->cap - buffer->len < count && buffer->vt->reserve(buffer, count) != RMIX_OK) return false;
    memcpy(buffer->p + buffer->len, bytes, count);
    buffer->len += count;
    return true;
}

void buffer_free(RmixBuf *buffer) {
    if (buffer->cap != 0) buffer->vt->free(buffer);
}

RmixStr text(const char *string) {
    RmixStr text = {(const uint8_t *)string, strlen(string)};
    return text;
}

RmixStatus fail(RmixErr *err, uint32_t kind, uint32_t cause, uint32_t delivery, int64_t code, const char *sentence) {
    err->kind = kind;
    err->cause = cause;
    err->delivery = delivery;
    err->flags = 0;
    err->code = code;
    err->message.len = 0;
    buffer_append(&err->message, sentence, strlen(sentence));
    return RMIX_ERR;
}

/* ---- Wakers ---- */

RmixAbiWaker waker_clone(const RmixAbiWaker *waker) {
    RmixAbiWaker copy;
    waker->vt->clone(waker, &copy);
    return copy;
}

bool waker_is(const RmixAbiWaker *waker) { return waker->vt != NULL; }

void waker_drop(RmixAbiWaker *waker) {
    if (waker_is(waker)) waker->vt->drop(waker);
    waker->vt = NULL;
}

static void wakers_push(Wakers *wakers, RmixAbiWaker waker) {
    if (wakers->count == wakers->room) {
        wakers->room = wakers->room == 0 ? 4 : wakers->room * 2;
        wakers->items = must_realloc(wakers->items, wakers->room * sizeof *wakers->items);
    }
    wakers->items[wakers->count++] = waker;
}

void wakers_take(Wakers *wakers, RmixAbiWaker *waker) {
    if (!waker_is(waker)) return;
    wakers_push(wakers, *waker);
    waker->vt = NULL;
}

void wakers_move(Wakers *to, Wakers *from) {
    for (size_t i = 0; i < from->count; i++) wakers_push(to, from->items[i]);
    from->count = 0;
}

bool wakers_add(Wakers *wakers, RmixAbiWaker waker) {
    for (size_t i = 0; i < wakers->count; i++) {
        const RmixAbiWaker *old = &wakers->items[i];
        bool same = old->vt == waker.vt && old->words[0] == waker.words[0] && old->words[1] == waker.words[1];
        if (same) return false;
    }
    wakers_push(wakers, waker);
    return true;
}

void wakers_wake(Wakers *wakers) {
    for (size_t i = 0; i < wakers->count; i++) {
        wakers->items[i].vt->wake_by_ref(&wakers->items[i]);
        waker_drop(&wakers->items[i]);
    }
    free(wakers->items);
    memset(wakers, 0, sizeof *wakers);
}
