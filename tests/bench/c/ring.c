/* Queues of bytes in shared memory; see ring.h. */

#define _GNU_SOURCE

#include "ring.h"

#include "bench.h"

#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { QUEUE_BYTES = 256 * 1024 };

/* How the reader sleeps. */
enum { AWAKE, ON_FUTEX, ON_BELL };

/* Rings that may lie in the socket before they are read. */
enum { RINGS_MAX = 32 };

struct ring {
    _Alignas(128) _Atomic uint32_t produced;
    _Alignas(128) _Atomic uint32_t consumed;
    _Alignas(128) _Atomic uint32_t reader_sleeps;
    _Alignas(128) _Atomic uint32_t writer_sleeps;
    /* Both ends of the bell, and the reader's epoll instance; 0 without one. */
    _Alignas(128) int bell[2];
    int epoll;
    int rings;
    _Alignas(4096) char bytes[QUEUE_BYTES];
};

struct ring *ring_new(void)
{
    struct ring *ring = mmap(NULL, sizeof *ring, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (ring == MAP_FAILED)
        fail("mmap");
    return ring;
}

static void sleep_on(_Atomic uint32_t *position, uint32_t seen, _Atomic uint32_t *sleeps)
{
    atomic_store(sleeps, ON_FUTEX);
    if (atomic_load(position) == seen)
        syscall(SYS_futex, position, FUTEX_WAIT, seen, NULL, NULL, 0);
    atomic_store(sleeps, AWAKE);
}

/* The same for the bell: each ring is told of once, so that it may lie where it is for a while. */
static void sleep_by_bell(struct ring *ring, uint32_t seen)
{
    atomic_store(&ring->reader_sleeps, ON_BELL);
    if (atomic_load(&ring->produced) == seen) {
        char rings[2 * RINGS_MAX];
        struct epoll_event event;

        epoll_wait(ring->epoll, &event, 1, -1);
        if (++ring->rings >= RINGS_MAX) {
            ring->rings = 0;
            recv(ring->bell[1], rings, sizeof rings, MSG_DONTWAIT);
        }
    }
    atomic_store(&ring->reader_sleeps, AWAKE);
}

static void move_on(_Atomic uint32_t *position, uint32_t to, _Atomic uint32_t *sleeps)
{
    atomic_store(position, to);
    if (atomic_load(sleeps))
        syscall(SYS_futex, position, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void wake_reader(struct ring *ring, uint32_t produced)
{
    if (ring->epoll == 0) {
        move_on(&ring->produced, produced, &ring->reader_sleeps);
        return;
    }
    atomic_store(&ring->produced, produced);
    if (atomic_load(&ring->reader_sleeps) == ON_BELL)
        send(ring->bell[0], "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void ring_read_by_bell(struct ring *ring)
{
    struct epoll_event interest = {.events = EPOLLIN | EPOLLET};

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ring->bell) < 0)
        fail("socketpair");
    ring->epoll = epoll_create1(0);
    if (ring->epoll < 0 || epoll_ctl(ring->epoll, EPOLL_CTL_ADD, ring->bell[1], &interest) < 0)
        fail("epoll");
}

static size_t smaller(size_t one, size_t other)
{
    return one < other ? one : other;
}

void ring_write_all(struct ring *ring, const void *bytes, size_t count)
{
    const char *from = bytes;
    uint32_t produced = atomic_load_explicit(&ring->produced, memory_order_relaxed);

    while (count > 0) {
        uint32_t consumed = atomic_load(&ring->consumed);
        size_t now = smaller(count, QUEUE_BYTES - (produced - consumed));
        size_t first = smaller(now, QUEUE_BYTES - produced % QUEUE_BYTES);

        if (now == 0) {
            sleep_on(&ring->consumed, consumed, &ring->writer_sleeps);
            continue;
        }
        memcpy(ring->bytes + produced % QUEUE_BYTES, from, first);
        memcpy(ring->bytes, from + first, now - first);
        produced += (uint32_t)now;
        from += now;
        count -= now;
        wake_reader(ring, produced);
    }
}

size_t ring_read_some(struct ring *ring, void *bytes, size_t room)
{
    uint32_t consumed = atomic_load_explicit(&ring->consumed, memory_order_relaxed);

    for (;;) {
        uint32_t produced = atomic_load(&ring->produced);
        size_t now = smaller(room, produced - consumed);
        size_t first = smaller(now, QUEUE_BYTES - consumed % QUEUE_BYTES);

        if (now == 0) {
            if (ring->epoll != 0)
                sleep_by_bell(ring, produced);
            else
                sleep_on(&ring->produced, produced, &ring->reader_sleeps);
            continue;
        }
        memcpy(bytes, ring->bytes + consumed % QUEUE_BYTES, first);
        memcpy((char *)bytes + first, ring->bytes, now - first);
        move_on(&ring->consumed, consumed + (uint32_t)now, &ring->writer_sleeps);
        return now;
    }
}
