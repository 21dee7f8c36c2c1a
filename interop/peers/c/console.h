/*
 * What the C clients of this folder share: words of the command line read, values printed as JSON,
 * calls measured. It makes no call by itself.
 */

#ifndef CONSOLE_H
#define CONSOLE_H

#include <rpc/rpc.h>
#include <stdint.h>

/* Each client's own: says what is wrong with its command line, and ends it with 2. */
void usage(const char *complaint) __attribute__((noreturn));

double parse_double(const char *text);
int64_t parse_integer(const char *text);

void print_json_string(const char *text);

/*
 * A double always carries a point or an exponent, so that it reads back as one; what JSON has no
 * number for is a string.
 */
void print_json_double(double value);

/* Prints why the last call failed: {"failure": ...} with number and words of enum clnt_stat. */
void print_json_failure(CLIENT *client);

/*
 * Makes the call a hundred times to warm up, then that often, and prints {"ok": ...} with the
 * shortest, median and 99th percentile time in microseconds.
 */
void measure_calls(const char *operation, const char *calls_text,
                   void (*call)(CLIENT *client, const char *operation), CLIENT *client);

#endif
