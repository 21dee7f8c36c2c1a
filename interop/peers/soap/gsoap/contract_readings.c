/* The contract's operations with readings, and its fault. */

#include <string.h>

#include "soapH.h"

static char *oslo_tags[] = {"coast", "capital"};
static char *bergen_tags[] = {"rain"};
static char *known[] = {"Bergen", "Oslo", "Voss"};

static struct t__Reading readings[] = {
    {.place = "Oslo", .celsius = -3.5, .at = 1706704200, .__sizetags = 2, .tags = oslo_tags,
     .quality = t__Quality__good, .note = "cold"},
    {.place = "Bergen", .celsius = 6.25, .at = 1709251199, .__sizetags = 1, .tags = bergen_tags,
     .quality = t__Quality__bad, .comment = "wet"},
    {.place = "Voss", .celsius = -0.5, .at = 946684799, .quality = t__Quality__unknown, .note = "",
     .comment = ""},
};

static int no_such_place(struct soap *soap, char *place)
{
    struct t__NoSuchPlace *unknown = soap_new_t__NoSuchPlace(soap, 1);
    unknown->place = place;
    unknown->known = known;
    unknown->__sizeknown = sizeof known / sizeof known[0];
    soap_receiver_fault(soap, "no such place", NULL);
    struct SOAP_ENV__Detail *detail = soap_new_SOAP_ENV__Detail(soap, 1);
    detail->c__NoSuchPlace = unknown;
    if (soap->version == 2)
        soap->fault->SOAP_ENV__Detail = detail;
    else
        soap->fault->detail = detail;
    return SOAP_FAULT;
}

int __c__reading(struct soap *soap, struct _c__reading *request,
                 struct _c__readingResponse *response)
{
    for (size_t index = 0; index < sizeof readings / sizeof readings[0]; index++) {
        if (strcmp(readings[index].place, request->place) == 0) {
            response->return_ = &readings[index];
            return SOAP_OK;
        }
    }
    return no_such_place(soap, request->place);
}

int __c__revise(struct soap *soap, struct _c__revise *request, struct _c__reviseResponse *response)
{
    struct t__Reading *reading = request->reading;
    (void)soap;
    reading->celsius += 0.5;
    for (int low = 0, high = reading->__sizetags - 1; low < high; low++, high--) {
        char *tag = reading->tags[low];
        reading->tags[low] = reading->tags[high];
        reading->tags[high] = tag;
    }
    response->return_ = reading;
    return SOAP_OK;
}
