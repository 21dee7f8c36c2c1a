/* What the operations of the contract do, except those with readings. */

#include <ctype.h>
#include <math.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "soapH.h"

enum { TEXTS_MAX = 100, SHA256_BYTES = 32, NUMBER_BYTES_MAX = 24 };

int __c__echo(struct soap *soap, struct _c__echo *request, struct _c__echoResponse *response)
{
    (void)soap;
    response->return_ = request->text;
    return SOAP_OK;
}

int __c__add(struct soap *soap, struct _c__add *request, struct _c__addResponse *response)
{
    (void)soap;
    response->return_ = request->a + request->b;
    return SOAP_OK;
}

int __c__stats(struct soap *soap, struct _c__stats *request, struct _c__statsResponse *response)
{
    struct t__Stats *stats = soap_new_t__Stats(soap, 1);
    int count = request->__sizevalues;
    double sum = 0;
    stats->count = count;
    stats->min_ = count > 0 ? request->values[0] : NAN;
    stats->max_ = stats->min_;
    for (int index = 0; index < count; index++) {
        double value = request->values[index];
        sum += value;
        /* Not a number is neither less nor greater: it is taken over, and stays. */
        if (value < stats->min_ || isnan(value))
            stats->min_ = value;
        if (value > stats->max_ || isnan(value))
            stats->max_ = value;
    }
    stats->mean = count > 0 ? sum / count : NAN;
    response->return_ = stats;
    return SOAP_OK;
}

static int levels(const struct t__Node *node)
{
    int below = 0;
    for (int index = 0; index < node->__sizechildren; index++) {
        int one = levels(&node->children[index]);
        below = one > below ? one : below;
    }
    return below + 1;
}

int __c__tree(struct soap *soap, struct _c__tree *request, struct _c__treeResponse *response)
{
    (void)soap;
    response->return_ = levels(request->node);
    return SOAP_OK;
}

int __c__blob(struct soap *soap, struct _c__blob *request, struct _c__blobResponse *response)
{
    struct t__BlobInfo *info = soap_new_t__BlobInfo(soap, 1);
    unsigned int length = 0;
    info->size = request->data.__size;
    info->sha256.__ptr = soap_malloc(soap, SHA256_BYTES);
    if (!EVP_Digest(request->data.__ptr, (size_t)info->size, info->sha256.__ptr, &length,
                    EVP_sha256(), NULL))
        return soap_receiver_fault(soap, "no SHA-256", NULL);
    info->sha256.__size = (int)length;
    response->return_ = info;
    return SOAP_OK;
}

int __c__area(struct soap *soap, struct _c__area *request, struct _c__areaResponse *response)
{
    const struct t__Shape *shape = request->shape;
    (void)soap;
    response->return_ = 0;
    if (shape->t__Circle != NULL)
        response->return_ = M_PI * shape->t__Circle->radius * shape->t__Circle->radius;
    if (shape->t__Square != NULL)
        response->return_ = shape->t__Square->side * shape->t__Square->side;
    return SOAP_OK;
}

/* A decimal with at most two places, in hundredths. */
static long long cents(const char *decimal)
{
    char *end;
    long long whole = strtoll(decimal, &end, 10) * 100;
    long long sign = decimal[0] == '-' ? -1 : 1;
    if (end[0] == '.' && isdigit((unsigned char)end[1])) {
        whole += sign * (end[1] - '0') * 10;
        if (isdigit((unsigned char)end[2]))
            whole += sign * (end[2] - '0');
    }
    return whole;
}

static char *decimal(struct soap *soap, long long hundredths)
{
    char text[NUMBER_BYTES_MAX];
    const char *sign = hundredths < 0 ? "-" : "";
    snprintf(text, sizeof text, "%s%lld.%02lld", sign, llabs(hundredths) / 100,
             llabs(hundredths) % 100);
    return soap_strdup(soap, text);
}

int __c__pay(struct soap *soap, struct _c__pay *request, struct _c__payResponse *response)
{
    int day;
    if (sscanf(request->on, "%*d-%*d-%2d", &day) != 1)
        return soap_sender_fault(soap, "not a date", NULL);
    response->return_ = decimal(soap, cents(request->amount) + day);
    return SOAP_OK;
}

int __c__label(struct soap *soap, struct _c__label *request, struct _c__labelResponse *response)
{
    struct t__Item *item = request->item;
    (void)soap;
    item->id += 1;
    for (char *one = item->__item; *one != '\0'; one++)
        *one = isascii(*one) ? (char)toupper(*one) : *one;
    response->return_ = item;
    return SOAP_OK;
}

int __c__running(struct soap *soap, struct _c__running *request,
                 struct _c__runningResponse *response)
{
    /* A sum has at most eleven characters, a number and its blank at least two. */
    size_t length = strlen(request->numbers) * 6 + NUMBER_BYTES_MAX;
    char *sums = soap_malloc(soap, length);
    const char *rest = request->numbers;
    char *end;
    size_t used = 0;
    int sum = 0;
    sums[0] = '\0';
    for (long number = strtol(rest, &end, 10); end != rest; number = strtol(rest, &end, 10)) {
        sum += (int)number;
        used += (size_t)snprintf(sums + used, length - used, used > 0 ? " %d" : "%d", sum);
        rest = end;
    }
    response->return_ = sums;
    return SOAP_OK;
}

int __c__settle(struct soap *soap, struct _c__settle *request, struct _c__settleResponse *response)
{
    const struct t__Payment *payment = request->payment;
    struct t__Settlement *settlement = soap_new_t__Settlement(soap, 1);
    if (payment->__union_Payment == SOAP_UNION__t__union_Payment_card) {
        const char *number = payment->union_Payment.card->number;
        size_t length = strlen(number);
        char approval[NUMBER_BYTES_MAX];
        snprintf(approval, sizeof approval, "A-%s", number + (length > 4 ? length - 4 : 0));
        settlement->__union_Settlement = SOAP_UNION__t__union_Settlement_approval;
        settlement->union_Settlement.approval = soap_strdup(soap, approval);
    } else {
        long long tendered = cents(payment->union_Payment.cash->tendered);
        settlement->__union_Settlement = SOAP_UNION__t__union_Settlement_change;
        settlement->union_Settlement.change = decimal(soap, tendered - cents(payment->amount));
    }
    response->return_ = settlement;
    return SOAP_OK;
}

int __c__whoami(struct soap *soap, struct _c__whoami *request, struct _c__whoamiResponse *response)
{
    (void)request;
    if (soap->header == NULL || soap->header->c__SessionToken == NULL)
        return soap_sender_fault(soap, "the header SessionToken is missing", NULL);
    const struct t__SessionToken *token = soap->header->c__SessionToken;
    size_t length = strlen(token->user) + NUMBER_BYTES_MAX;
    char *caller = soap_malloc(soap, length);
    snprintf(caller, length, "%s#%d", token->user, token->id);
    soap->header->c__SessionToken = NULL;
    soap->header->c__Served = soap_new_t__Served(soap, 1);
    soap->header->c__Served->count = memory_served(caller);
    response->return_ = caller;
    return SOAP_OK;
}

int __c__notify(struct soap *soap, struct _c__notify *request)
{
    memory_remember(request->text);
    return soap_send_empty_response(soap, 202);
}

/* One request is served after the other: what was notified before is there. */
int __c__notified(struct soap *soap, struct _c__notified *request,
                  struct _c__notifiedResponse *response)
{
    response->return_ = soap_malloc(soap, TEXTS_MAX * sizeof(char *));
    response->__sizereturn_ = memory_texts(request->prefix, response->return_, TEXTS_MAX);
    return SOAP_OK;
}

int __c__swap(struct soap *soap, struct _c__swap *request, struct _c__swapResponse *response)
{
    (void)soap;
    response->a = request->b;
    response->b = request->a;
    return SOAP_OK;
}
