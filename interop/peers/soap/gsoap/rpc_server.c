/* rpc_server: the service of style rpc and use literal by gSOAP. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "RpcSoap11.nsmap"
#include "serving.h"
#include "soapH.h"

int main(void)
{
    struct soap *soap = soap_new1(SOAP_C_UTFSTRING | SOAP_XML_TREE);
    if (soap == NULL)
        return EXIT_FAILURE;
    return serve_until_input_ends(soap, soap_serve);
}

int r__distance(struct soap *soap, struct p__Point *from, struct p__Point *to,
                struct r__distanceResponse *response)
{
    (void)soap;
    response->return_ = hypot(to->x - from->x, to->y - from->y);
    return SOAP_OK;
}

int r__midpoint(struct soap *soap, struct p__Point *from, struct p__Point *to,
                struct r__midpointResponse *response)
{
    struct p__Point *middle = soap_new_p__Point(soap, 1);
    middle->x = (from->x + to->x) / 2;
    middle->y = (from->y + to->y) / 2;
    response->return_ = middle;
    return SOAP_OK;
}

int r__join(struct soap *soap, struct p__Words *words, char *separator,
            struct r__joinResponse *response)
{
    size_t length = 1;
    for (int index = 0; index < words->__sizeword; index++)
        length += strlen(words->word[index]) + strlen(separator);
    char *joined = soap_malloc(soap, length);
    joined[0] = '\0';
    for (int index = 0; index < words->__sizeword; index++) {
        strcat(joined, index > 0 ? separator : "");
        strcat(joined, words->word[index]);
    }
    response->_return_ = joined;
    return SOAP_OK;
}

int r__divide(struct soap *soap, int dividend, int divisor, struct r__divideResponse *response)
{
    if (divisor == 0)
        return soap_sender_fault(soap, "division by zero", NULL);
    response->quotient = dividend / divisor;
    response->remainder = dividend % divisor;
    return SOAP_OK;
}
