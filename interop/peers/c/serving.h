/*
 * What the C servers of this folder share: sockets to listen on, and a loop that ends with
 * standard input, so that a server never outlives whoever started it. It knows no program.
 */

#ifndef SERVING_H
#define SERVING_H

#include <stdint.h>

/* Says what could not be done, with errno's words, and ends the program with 1. */
void fail(const char *what) __attribute__((noreturn));

/*
 * Returns a socket of this type (SOCK_STREAM, listening, or SOCK_DGRAM) bound to a numeric address.
 * Port 0 is one of the kernel's choice; the port is stored.
 */
int bind_socket(int type, const char *host, uint16_t *port);

/* Returns a socket that listens at a path, which must not exist. */
int bind_unix_socket(const char *path);

/* svc_run(), but it returns when standard input ends. */
void serve_until_standard_input_ends(void);

#endif
