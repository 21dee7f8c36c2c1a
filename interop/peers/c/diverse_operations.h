/*
 * The operations of diverse_client: one call each, with its result printed as one JSON object:
 * {"ok": ...} or {"failure": {"status": ..., "text": ...}} with libtirpc's number and words.
 */

#ifndef DIVERSE_OPERATIONS_H
#define DIVERSE_OPERATIONS_H

#include <rpc/rpc.h>

/*
 * Runs the operation that words[0] names with the words behind it. `version` is the program version
 * to call; 0 is the operation's own. Ends the program when there is no such operation.
 */
void run_operation(CLIENT *client, unsigned version, char **words, int count);

/* Prints the names of all operations with their words, for usage(). */
void print_operations(void);

#endif
