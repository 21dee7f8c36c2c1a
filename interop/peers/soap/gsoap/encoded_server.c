/* encoded_server: the service of style rpc and use encoded by gSOAP; shared objects stay shared. */

#include <stdlib.h>

#include "EncodedSoap11.nsmap"
#include "serving.h"
#include "soapH.h"

int main(void)
{
    struct soap *soap = soap_new1(SOAP_C_UTFSTRING | SOAP_XML_GRAPH);
    if (soap == NULL)
        return EXIT_FAILURE;
    return serve_until_input_ends(soap, soap_serve);
}

int e__sum(struct soap *soap, struct Ints *numbers, int *sum)
{
    (void)soap;
    *sum = 0;
    for (int index = 0; index < numbers->__size; index++)
        *sum += numbers->__ptr[index];
    return SOAP_OK;
}

int e__reverse(struct soap *soap, struct Strings *words, struct e__reverseResponse *response)
{
    struct Strings *reversed = soap_new_Strings(soap, 1);
    reversed->__size = words->__size;
    reversed->__ptr = soap_malloc(soap, ((size_t)words->__size + 1) * sizeof(char *));
    for (int index = 0; index < words->__size; index++)
        reversed->__ptr[index] = words->__ptr[words->__size - 1 - index];
    response->return_ = reversed;
    return SOAP_OK;
}

int e__centre(struct soap *soap, struct Points *points, struct e__centreResponse *response)
{
    struct p__Point *centre = soap_new_p__Point(soap, 1);
    for (int index = 0; index < points->__size; index++) {
        centre->x += points->__ptr[index]->x / points->__size;
        centre->y += points->__ptr[index]->y / points->__size;
    }
    response->return_ = centre;
    return SOAP_OK;
}

int e__same(struct soap *soap, struct p__Person *first, struct p__Person *second,
            enum xsd__boolean *same)
{
    (void)soap;
    *same = first == second ? xsd__boolean__true_ : xsd__boolean__false_;
    return SOAP_OK;
}

int e__ring(struct soap *soap, struct Strings *names, struct e__ringResponse *response)
{
    int count = names->__size;
    if (count == 0)
        return soap_sender_fault(soap, "a ring has at least one person", NULL);
    struct p__Person **persons = soap_malloc(soap, (size_t)count * sizeof *persons);
    for (int index = 0; index < count; index++) {
        persons[index] = soap_new_p__Person(soap, 1);
        persons[index]->name = names->__ptr[index];
    }
    for (int index = 0; index < count; index++)
        persons[index]->friend_ = persons[(index + 1) % count];
    response->return_ = persons[0];
    return SOAP_OK;
}
