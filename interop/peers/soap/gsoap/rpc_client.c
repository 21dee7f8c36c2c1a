/* rpc_client: calls the service of style rpc and use literal by gSOAP; cases.h says how. */

#include <stdlib.h>

#include "RpcSoap11.nsmap"
#include "cases.h"
#include "soapH.h"

static int distance(struct calls *calls)
{
    struct p__Point from = {.x = 1, .y = 2};
    struct p__Point to = {.x = 4, .y = 6};
    struct r__distanceResponse response = {0};
    int status =
        soap_call_r__distance(calls->soap, calls->endpoint, NULL, &from, &to, &response);
    print_number(response.return_);
    return status;
}

static int midpoint(struct calls *calls)
{
    struct p__Point from = {.x = 1, .y = -5};
    struct p__Point to = {.x = 2, .y = 1};
    struct r__midpointResponse response = {0};
    int status =
        soap_call_r__midpoint(calls->soap, calls->endpoint, NULL, &from, &to, &response);
    if (status != SOAP_OK)
        return status;
    print_number(response.return_->x);
    fputc(' ', answer);
    print_number(response.return_->y);
    return status;
}

static int join(struct calls *calls, char **given, int count)
{
    struct p__Words words = {.word = given, .__sizeword = count};
    struct r__joinResponse response = {0};
    int status = soap_call_r__join(calls->soap, calls->endpoint, NULL, &words, ", ", &response);
    print_brackets(response._return_);
    return status;
}

static int join_three(struct calls *calls)
{
    return join(calls, (char *[]){"a", "b <c>", "ü"}, 3);
}

static int join_none(struct calls *calls) { return join(calls, NULL, 0); }

static int divide(struct calls *calls)
{
    struct r__divideResponse response = {0};
    int status = soap_call_r__divide(calls->soap, calls->endpoint, NULL, 17, 5, &response);
    fprintf(answer, "%d %d", response.quotient, response.remainder);
    return status;
}

static const struct one_case CASES[] = {
    {"distance", distance},
    {"midpoint", midpoint},
    {"join", join_three},
    {"join-none", join_none},
    {"divide", divide},
    {NULL, NULL},
};

int main(int count, char **arguments)
{
    struct calls calls = {.soap = soap_new1(SOAP_XML_STRICT | SOAP_C_UTFSTRING | SOAP_XML_TREE)};
    if (count < 5 || calls.soap == NULL) {
        fputs("usage: rpc_client WSDL ENDPOINT 1.1 USER [CASE...]\n", stderr);
        return 2;
    }
    return run_cases(&calls, CASES, arguments + 1);
}
