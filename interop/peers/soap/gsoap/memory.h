/* What the contract's server remembers between calls. */

#ifndef RMIX_PEERS_MEMORY_H
#define RMIX_PEERS_MEMORY_H

/* How many calls of this caller there were, with this one. */
int memory_served(const char *caller);

/* Remembers a text. */
void memory_remember(const char *text);

/* Up to `max` remembered texts with the prefix, in their order; returns how many. */
int memory_texts(const char *prefix, char **texts, int max);

#endif
