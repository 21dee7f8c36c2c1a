/*
 * The values of diverse.x as words of a command line and as JSON: enums by name, opaques in
 * hexadecimal, unions with their discriminant and the arm it selects, what is absent as null.
 */

#ifndef DIVERSE_VALUES_H
#define DIVERSE_VALUES_H

#include "diverse.h"

/* Zeroed memory for that many values and one more; it is never freed. */
void *allocate(size_t count, size_t size);

/* A name of the enum or, to say what no such enum knows, a number. */
Color parse_color(const char *text);
void print_color(Color color);

/* "-" is no byte. */
char *parse_hex(const char *text, u_int *count);
void print_hex(const char *bytes, u_int count);

/* KIND [NUMBER...|TITLE] */
Shape parse_shape(char **words, int count);
void print_shape(const Shape *shape);

void print_answer(const Answer *answer);
void print_doubles(const double *values, u_int count);
void print_note(const Note *note);
void print_numbers(const Numbers *numbers);
void print_pair(const Pair *pair);
void print_sequences(const Sequences *sequences);
void print_tree(const Node *tree);

#endif
