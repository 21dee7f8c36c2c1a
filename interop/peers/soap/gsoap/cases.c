/* How cases are run and what their lines look like. */

#include "cases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "soapH.h"

enum { NAMESPACES_MAX = 16 };

static const char *const VERSION_11[] = {
    "http://schemas.xmlsoap.org/soap/envelope/",
    "http://schemas.xmlsoap.org/soap/encoding/",
};

static const char *const VERSION_12[] = {
    "http://www.w3.org/2003/05/soap-envelope",
    "http://www.w3.org/2003/05/soap-encoding",
};

FILE *answer;

static int run(struct calls *calls, const struct one_case *one)
{
    char *line = NULL;
    size_t length = 0;
    answer = open_memstream(&line, &length);
    int status = one->call(calls);
    fclose(answer);
    if (status == SOAP_OK) {
        printf("%s %s\n", one->name, line);
        fflush(stdout);
    } else {
        fprintf(stderr, "%s: ", one->name);
        soap_print_fault(calls->soap, stderr);
    }
    free(line);
    soap_destroy(calls->soap);
    soap_end(calls->soap);
    calls->soap->header = NULL;
    return status == SOAP_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static const struct one_case *find(const struct one_case *cases, const char *name)
{
    while (cases->name != NULL && strcmp(cases->name, name) != 0)
        cases++;
    return cases->name == NULL ? NULL : cases;
}

/* The version is that of the first two rows of the table; the other one is understood too. */
static void speak(struct soap *soap, const char *const envelope_and_encoding[2])
{
    static struct Namespace spoken[NAMESPACES_MAX];
    size_t count = 0;
    for (; count + 1 < NAMESPACES_MAX && namespaces[count].id != NULL; count++) {
        spoken[count] = namespaces[count];
        if (count < 2 && strcmp(spoken[count].ns, envelope_and_encoding[count]) != 0) {
            spoken[count].in = spoken[count].ns;
            spoken[count].ns = envelope_and_encoding[count];
        }
    }
    soap_set_namespaces(soap, spoken);
}

int run_cases(struct calls *calls, const struct one_case *cases, char **arguments)
{
    int exit_status = EXIT_SUCCESS;
    calls->endpoint = arguments[1];
    speak(calls->soap, strcmp(arguments[2], "1.2") == 0 ? VERSION_12 : VERSION_11);
    calls->user = arguments[3];
    char **names = arguments + 4;
    if (*names == NULL) {
        for (; cases->name != NULL; cases++)
            exit_status |= run(calls, cases);
        return exit_status;
    }
    for (; *names != NULL; names++) {
        const struct one_case *one = find(cases, *names);
        if (one == NULL)
            fprintf(stderr, "there is no case %s\n", *names);
        exit_status |= one == NULL ? EXIT_FAILURE : run(calls, one);
    }
    return exit_status;
}

void print_number(double value)
{
    if (isnan(value))
        fputs("NaN", answer);
    else if (isinf(value))
        fputs(value > 0 ? "INF" : "-INF", answer);
    else
        fprintf(answer, "%.17g", value);
}

void print_brackets(const char *text)
{
    fputc('[', answer);
    for (; text != NULL && *text != '\0'; text++) {
        if (*text == '\n')
            fputs("\\n", answer);
        else if (*text == '\t')
            fputs("\\t", answer);
        else if (*text == '\r')
            fputs("\\r", answer);
        else
            fputc(*text, answer);
    }
    fputc(']', answer);
}
