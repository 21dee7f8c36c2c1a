/* The measured interface for soapcpp2, as wsdl2h would describe it: document/literal, wrapped. */

//gsoap b service name: Bench
//gsoap b service namespace: urn:rmix:bench
//gsoap b service style: document
//gsoap b service encoding: literal
//gsoap b schema namespace: urn:rmix:bench
//gsoap b schema form: unqualified

#import "xop.h"

typedef unsigned long long xsd__unsignedLong;
typedef double xsd__double;
struct xsd__base64Binary { unsigned char *__ptr; int __size; };

/* Octets beside the envelope. */
struct b__beside { _xop__Include xop__Include; };

int b__nothing(struct b__nothingResponse { } *response);
int b__echo(struct xsd__base64Binary bytes, struct b__echoResponse { struct xsd__base64Binary return_; } *response);
int b__sum(int __sizevalues, xsd__double *values, struct b__sumResponse { xsd__double return_; } *response);
int b__post(struct xsd__base64Binary bytes, void);
int b__count(struct b__countResponse { xsd__unsignedLong return_; } *response);
int b__sum_USCOREoctets(struct b__beside octets, struct b__sum_USCOREoctetsResponse { xsd__double return_; } *response);
