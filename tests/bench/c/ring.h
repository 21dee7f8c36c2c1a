/* Two queues of bytes in memory that a process shares with its child: the least that shared memory can cost when the
 * waiting side sleeps on a futex. It checks nothing that the other side says. */

#ifndef RING_H
#define RING_H

#include <stddef.h>

struct ring;

/* A queue in memory that a later child sees as well. */
struct ring *ring_new(void);

/* Both sleep on the futex of the position they wait for, and wake the other only when it sleeps. */
void ring_write_all(struct ring *ring, const void *bytes, size_t count);
size_t ring_read_some(struct ring *ring, void *bytes, size_t room);

/* From now on who reads waits with epoll_wait for a byte through a socket, as a server of many does. */
void ring_read_by_bell(struct ring *ring);

#endif
