/* encoded_client: calls the service of style rpc and use encoded by gSOAP; cases.h says how. */

#include <stdlib.h>

#include "EncodedSoap11.nsmap"
#include "cases.h"
#include "soapH.h"

static int sum(struct calls *calls, int *values, int count)
{
    struct Ints numbers = {.__ptr = values, .__size = count};
    int result = 0;
    int status = soap_call_e__sum(calls->soap, calls->endpoint, NULL, &numbers, &result);
    fprintf(answer, "%d", result);
    return status;
}

static int sum_three(struct calls *calls) { return sum(calls, (int[]){1, 2, 3}, 3); }
static int sum_none(struct calls *calls) { return sum(calls, (int[]){0}, 0); }

static int reverse(struct calls *calls)
{
    char *given[] = {"a", "<b>", "ü"};
    struct Strings words = {.__ptr = given, .__size = 3};
    struct e__reverseResponse response = {0};
    int status = soap_call_e__reverse(calls->soap, calls->endpoint, NULL, &words, &response);
    if (status != SOAP_OK)
        return status;
    fputc('[', answer);
    for (int index = 0; index < response.return_->__size; index++)
        fprintf(answer, index > 0 ? ",%s" : "%s", response.return_->__ptr[index]);
    fputc(']', answer);
    return status;
}

static int centre(struct calls *calls)
{
    struct p__Point first = {.x = 1, .y = -5};
    struct p__Point second = {.x = 2, .y = 1};
    struct p__Point *given[] = {&first, &second};
    struct Points points = {.__ptr = given, .__size = 2};
    struct e__centreResponse response = {0};
    int status = soap_call_e__centre(calls->soap, calls->endpoint, NULL, &points, &response);
    if (status != SOAP_OK)
        return status;
    print_number(response.return_->x);
    fputc(' ', answer);
    print_number(response.return_->y);
    return status;
}

static int same_as(struct calls *calls, struct p__Person *first, struct p__Person *second)
{
    enum xsd__boolean result = xsd__boolean__false_;
    int status = soap_call_e__same(calls->soap, calls->endpoint, NULL, first, second, &result);
    fputs(result == xsd__boolean__true_ ? "true" : "false", answer);
    return status;
}

static int same(struct calls *calls)
{
    struct p__Person person = {.name = "a"};
    return same_as(calls, &person, &person);
}

static int same_not(struct calls *calls)
{
    struct p__Person first = {.name = "a"};
    struct p__Person second = {.name = "a"};
    return same_as(calls, &first, &second);
}

static int ring(struct calls *calls)
{
    char *given[] = {"a", "b", "c"};
    struct Strings names = {.__ptr = given, .__size = 3};
    struct e__ringResponse response = {0};
    int status = soap_call_e__ring(calls->soap, calls->endpoint, NULL, &names, &response);
    if (status != SOAP_OK)
        return status;
    const struct p__Person *one = response.return_;
    const char *before = "[";
    for (int index = 0; index < 3 && one != NULL; index++) {
        fprintf(answer, "%s%s", before, one->name);
        before = ",";
        one = one->friend_;
    }
    fputs(one == response.return_ ? "] closed" : "] open", answer);
    return status;
}

static const struct one_case CASES[] = {
    {"sum", sum_three},
    {"sum-none", sum_none},
    {"reverse", reverse},
    {"centre", centre},
    {"same", same},
    {"same-not", same_not},
    {"ring", ring},
    {NULL, NULL},
};

int main(int count, char **arguments)
{
    struct calls calls = {.soap = soap_new1(SOAP_C_UTFSTRING | SOAP_XML_GRAPH)};
    if (count < 5 || calls.soap == NULL) {
        fputs("usage: encoded_client WSDL ENDPOINT 1.1 USER [CASE...]\n", stderr);
        return 2;
    }
    return run_cases(&calls, CASES, arguments + 1);
}
