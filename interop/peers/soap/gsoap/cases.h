/* The cases of a client: each prints its answer, and returns gSOAP's status. */

#ifndef RMIX_PEERS_CASES_H
#define RMIX_PEERS_CASES_H

#include <stdio.h>

struct soap;

struct calls {
    struct soap *soap;
    const char *endpoint;
    char *user;
};

struct one_case {
    const char *name;
    int (*call)(struct calls *calls);
};

/* Runs the named cases, or all, and prints a line for each, its name first. What goes wrong is told on
   standard error; the others go on, and the result is the program's exit status. `arguments` are
   WSDL (not read: it is compiled in), ENDPOINT, 1.1 or 1.2, USER, and the names. */
int run_cases(struct calls *calls, const struct one_case *cases, char **arguments);

/* The line that is printed. */
extern FILE *answer;

void print_number(double value);
void print_brackets(const char *text);

#endif
