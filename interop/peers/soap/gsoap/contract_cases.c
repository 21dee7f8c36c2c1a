/* The contract's cases with numbers and readings. */

#include "contract_cases.h"

#include <math.h>
#include <time.h>

#include "cases.h"
#include "soapH.h"

#define CALL(operation) \
    soap_call___c__##operation(calls->soap, calls->endpoint, NULL, &request, &response)

static int stats(struct calls *calls, double *values, int count)
{
    struct _c__stats request = {.__sizevalues = count, .values = values};
    struct _c__statsResponse response = {0};
    int status = CALL(stats);
    if (status != SOAP_OK)
        return status;
    const struct t__Stats *got = response.return_;
    const double numbers[] = {got->mean, got->min_, got->max_};
    fprintf(answer, "%d", got->count);
    for (int index = 0; index < 3; index++) {
        fputc(' ', answer);
        print_number(numbers[index]);
    }
    return status;
}

int stats_plain(struct calls *calls) { return stats(calls, (double[]){1, 2, 3.75}, 3); }
int stats_up(struct calls *calls) { return stats(calls, (double[]){1, INFINITY}, 2); }
int stats_down(struct calls *calls) { return stats(calls, (double[]){-INFINITY, 1.5}, 2); }
int stats_nan(struct calls *calls) { return stats(calls, (double[]){1, NAN}, 2); }
int stats_none(struct calls *calls) { return stats(calls, NULL, 0); }

static void print_list(char **texts, int count)
{
    fputc('[', answer);
    for (int index = 0; index < count; index++)
        fprintf(answer, index > 0 ? ",%s" : "%s", texts[index]);
    fputc(']', answer);
}

static void print_reading(const struct t__Reading *reading)
{
    static const char *const qualities[] = {"good", "bad", "unknown"};
    char at[32];
    struct tm parts;
    strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&reading->at, &parts));
    fprintf(answer, "%s ", reading->place);
    print_number(reading->celsius);
    fprintf(answer, " %s ", at);
    print_list(reading->tags, reading->__sizetags);
    fprintf(answer, " %s note=%s comment=%s", qualities[reading->quality],
            reading->note == NULL ? "nil" : reading->note,
            reading->comment == NULL ? "absent" : reading->comment);
}

static int reading(struct calls *calls, char *place)
{
    struct _c__reading request = {.place = place};
    struct _c__readingResponse response = {0};
    int status = CALL(reading);
    if (status == SOAP_OK)
        print_reading(response.return_);
    return status;
}

int reading_whole(struct calls *calls) { return reading(calls, "Oslo"); }
int reading_nil(struct calls *calls) { return reading(calls, "Bergen"); }
int reading_bare(struct calls *calls) { return reading(calls, "Voss"); }

int reading_fault(struct calls *calls)
{
    int status = reading(calls, "Atlantis");
    const struct SOAP_ENV__Fault *fault = calls->soap->fault;
    if (status == SOAP_OK || fault == NULL)
        return status;
    /* gSOAP fills in both versions' places, one of them with nothing. */
    const struct SOAP_ENV__Detail *detail = fault->detail;
    if (detail == NULL || detail->c__NoSuchPlace == NULL)
        detail = fault->SOAP_ENV__Detail;
    if (detail == NULL || detail->c__NoSuchPlace == NULL)
        return status;
    fprintf(answer, "NoSuchPlace %s ", detail->c__NoSuchPlace->place);
    print_list(detail->c__NoSuchPlace->known, detail->c__NoSuchPlace->__sizeknown);
    return SOAP_OK;
}

static int revise(struct calls *calls, int tags, char *note, char *comment)
{
    static char *both[] = {"a", "b c"};
    struct t__Reading given = {
        .place = "Tromsø",
        .celsius = 21.25,
        .at = 1685613600,
        .__sizetags = tags,
        .tags = both,
        .quality = t__Quality__bad,
        .note = note,
        .comment = comment,
    };
    struct _c__revise request = {.reading = &given};
    struct _c__reviseResponse response = {0};
    int status = CALL(revise);
    if (status == SOAP_OK)
        print_reading(response.return_);
    return status;
}

int revise_whole(struct calls *calls) { return revise(calls, 2, NULL, "windy"); }
int revise_absent(struct calls *calls) { return revise(calls, 0, "warm", NULL); }
int revise_empty(struct calls *calls) { return revise(calls, 0, "", ""); }

static int pay(struct calls *calls, char *amount, char *on)
{
    struct _c__pay request = {.amount = amount, .on = on};
    struct _c__payResponse response = {0};
    int status = CALL(pay);
    if (status == SOAP_OK)
        fprintf(answer, "%s", response.return_);
    return status;
}

int pay_plain(struct calls *calls) { return pay(calls, "100.05", "2024-02-29"); }
int pay_exact(struct calls *calls) { return pay(calls, "1234567890123456.05", "2024-12-01"); }

static int settle(struct calls *calls, struct t__Payment *payment)
{
    struct _c__settle request = {.payment = payment};
    struct _c__settleResponse response = {0};
    int status = CALL(settle);
    if (status != SOAP_OK)
        return status;
    const struct t__Settlement *got = response.return_;
    if (got->__union_Settlement == SOAP_UNION__t__union_Settlement_approval)
        fprintf(answer, "approval %s", got->union_Settlement.approval);
    else
        fprintf(answer, "change %s", got->union_Settlement.change);
    return status;
}

int settle_card(struct calls *calls)
{
    struct t__Card card = {.number = "49001234"};
    struct t__Payment payment = {.amount = "9.99"};
    payment.__union_Payment = SOAP_UNION__t__union_Payment_card;
    payment.union_Payment.card = &card;
    return settle(calls, &payment);
}

int settle_cash(struct calls *calls)
{
    struct t__Cash cash = {.tendered = "20.25"};
    struct t__Payment payment = {.amount = "12.50"};
    payment.__union_Payment = SOAP_UNION__t__union_Payment_cash;
    payment.union_Payment.cash = &cash;
    return settle(calls, &payment);
}
