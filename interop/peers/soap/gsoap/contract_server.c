/* contract_server: the contract by gSOAP, by whichever version of SOAP it is called. */

#include <stdlib.h>

#include "ContractSoap11.nsmap"
#include "serving.h"
#include "soapH.h"

int main(void)
{
    struct soap *soap = soap_new1(SOAP_C_UTFSTRING | SOAP_XML_TREE);
    if (soap == NULL)
        return EXIT_FAILURE;
    return serve_until_input_ends(soap, soap_serve);
}
