/* contract_client: calls the contract by gSOAP; cases.h says how it is called. */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ContractSoap11.nsmap"
#include "cases.h"
#include "contract_cases.h"
#include "soapH.h"

/* Calls an operation with `request` and `response`. */
#define CALL(operation) \
    soap_call___c__##operation(calls->soap, calls->endpoint, NULL, &request, &response)

static int echo(struct calls *calls, char *text)
{
    struct _c__echo request = {.text = text};
    struct _c__echoResponse response = {0};
    int status = CALL(echo);
    if (status == SOAP_OK)
        print_brackets(response.return_);
    return status;
}

static int echo_words(struct calls *calls) { return echo(calls, "Grüße, 世界 🌍"); }
static int echo_markup(struct calls *calls) { return echo(calls, "<a href=\"x\">&amp;</a> ]]>"); }
static int echo_space(struct calls *calls) { return echo(calls, "  two lines\n\tindented  "); }
static int echo_empty(struct calls *calls) { return echo(calls, ""); }

static int add(struct calls *calls, int a, int b)
{
    struct _c__add request = {.a = a, .b = b};
    struct _c__addResponse response = {0};
    int status = CALL(add);
    fprintf(answer, "%d", response.return_);
    return status;
}

static int add_positive(struct calls *calls) { return add(calls, 1, 2); }
static int add_negative(struct calls *calls) { return add(calls, -2147483647, -1); }

static int tree(struct calls *calls)
{
    struct t__Node leaf = {.name = "leaf"};
    struct t__Node branch = {.name = "branch", .__sizechildren = 1, .children = &leaf};
    struct t__Node children[] = {
        {.name = "leaf"},
        {.name = "twig", .__sizechildren = 1, .children = &branch},
    };
    struct t__Node root = {.name = "root", .__sizechildren = 2, .children = children};
    struct _c__tree request = {.node = &root};
    struct _c__treeResponse response = {0};
    int status = CALL(tree);
    fprintf(answer, "%d", response.return_);
    return status;
}

static int blob(struct calls *calls, int length)
{
    unsigned char data[256];
    for (int index = 0; index < length; index++)
        data[index] = (unsigned char)index;
    struct _c__blob request = {.data = {.__ptr = data, .__size = length}};
    struct _c__blobResponse response = {0};
    int status = CALL(blob);
    if (status != SOAP_OK)
        return status;
    fprintf(answer, "%d ", response.return_->size);
    for (int index = 0; index < response.return_->sha256.__size; index++)
        fprintf(answer, "%02x", response.return_->sha256.__ptr[index]);
    return status;
}

static int blob_bytes(struct calls *calls) { return blob(calls, 256); }
static int blob_empty(struct calls *calls) { return blob(calls, 0); }

static int area(struct calls *calls, struct t__Shape *shape)
{
    struct _c__area request = {.shape = shape};
    struct _c__areaResponse response = {0};
    int status = CALL(area);
    print_number(response.return_);
    return status;
}

static int area_shape(struct calls *calls)
{
    return area(calls, &(struct t__Shape){.name = "Shape"});
}

static int area_circle(struct calls *calls)
{
    struct t__Circle circle = {.name = "Circle", .radius = 2};
    return area(calls, &(struct t__Shape){.name = "Circle", .t__Circle = &circle});
}

static int area_square(struct calls *calls)
{
    struct t__Square square = {.name = "Square", .side = 2.5};
    return area(calls, &(struct t__Shape){.name = "Square", .t__Square = &square});
}

static int label(struct calls *calls, char *text, int id, char *lang)
{
    struct t__Item item = {.__item = text, .id = id, .lang = lang};
    struct _c__label request = {.item = &item};
    struct _c__labelResponse response = {0};
    int status = CALL(label);
    if (status != SOAP_OK)
        return status;
    const struct t__Item *got = response.return_;
    fprintf(answer, "%d %s %s", got->id, got->lang == NULL ? "absent" : got->lang, got->__item);
    return status;
}

static int label_whole(struct calls *calls) { return label(calls, "Title <1>", 7, "en"); }
static int label_plain(struct calls *calls) { return label(calls, "größe", -1, NULL); }

static int running(struct calls *calls, char *numbers)
{
    struct _c__running request = {.numbers = numbers};
    struct _c__runningResponse response = {0};
    int status = CALL(running);
    if (status != SOAP_OK)
        return status;
    const char *before = "";
    fputc('[', answer);
    for (char *one = strtok(response.return_, " "); one != NULL; one = strtok(NULL, " ")) {
        fprintf(answer, "%s%s", before, one);
        before = ",";
    }
    fputc(']', answer);
    return status;
}

static int running_three(struct calls *calls) { return running(calls, "1 2 3"); }
static int running_none(struct calls *calls) { return running(calls, ""); }

static int whoami(struct calls *calls)
{
    struct t__SessionToken token = {.user = calls->user, .id = 7};
    struct SOAP_ENV__Header header = {.c__SessionToken = &token};
    struct _c__whoami request;
    struct _c__whoamiResponse response = {0};
    memset(&request, 0, sizeof request);
    calls->soap->header = &header;
    int status = CALL(whoami);
    if (status != SOAP_OK)
        return status;
    const struct SOAP_ENV__Header *got = calls->soap->header;
    int count = got == NULL || got->c__Served == NULL ? -1 : got->c__Served->count;
    fprintf(answer, "%s %d", response.return_, count);
    return status;
}

static int notify(struct calls *calls)
{
    static const char *words[] = {"one", "two"};
    char text[256];
    struct _c__notify one_way = {.text = text};
    for (int index = 0; index < 2; index++) {
        snprintf(text, sizeof text, "%s %s", calls->user, words[index]);
        int status = soap_send___c__notify(calls->soap, calls->endpoint, NULL, &one_way);
        if (status == SOAP_OK)
            status = soap_recv_empty_response(calls->soap);
        if (status != SOAP_OK)
            return status;
    }
    struct _c__notified request = {.prefix = calls->user, .count = 2};
    struct _c__notifiedResponse response = {0};
    int status = CALL(notified);
    if (status != SOAP_OK)
        return status;
    /* A server with threads may have taken them in the other order. */
    int count = response.__sizereturn_;
    if (count == 2 && strcmp(response.return_[0], response.return_[1]) > 0)
        fprintf(answer, "[%s,%s]", response.return_[1], response.return_[0]);
    else if (count == 2)
        fprintf(answer, "[%s,%s]", response.return_[0], response.return_[1]);
    else
        fprintf(answer, "%d", count);
    return status;
}

static int swap(struct calls *calls)
{
    struct _c__swap request = {.a = "left", .b = "right"};
    struct _c__swapResponse response = {0};
    int status = CALL(swap);
    if (status == SOAP_OK)
        fprintf(answer, "%s %s", response.a, response.b);
    return status;
}

static const struct one_case CASES[] = {
    {"echo", echo_words},
    {"echo-markup", echo_markup},
    {"echo-space", echo_space},
    {"echo-empty", echo_empty},
    {"add", add_positive},
    {"add-negative", add_negative},
    {"stats", stats_plain},
    {"stats-up", stats_up},
    {"stats-down", stats_down},
    {"stats-nan", stats_nan},
    {"stats-none", stats_none},
    {"reading", reading_whole},
    {"reading-nil", reading_nil},
    {"reading-bare", reading_bare},
    {"reading-fault", reading_fault},
    {"revise", revise_whole},
    {"revise-absent", revise_absent},
    {"revise-empty", revise_empty},
    {"tree", tree},
    {"blob", blob_bytes},
    {"blob-empty", blob_empty},
    {"area-shape", area_shape},
    {"area-circle", area_circle},
    {"area-square", area_square},
    {"pay", pay_plain},
    {"pay-exact", pay_exact},
    {"label", label_whole},
    {"label-plain", label_plain},
    {"running", running_three},
    {"running-none", running_none},
    {"settle-card", settle_card},
    {"settle-cash", settle_cash},
    {"whoami", whoami},
    {"whoami-again", whoami},
    {"notify", notify},
    {"swap", swap},
    {NULL, NULL},
};

int main(int count, char **arguments)
{
    struct calls calls = {.soap = soap_new1(SOAP_XML_STRICT | SOAP_C_UTFSTRING | SOAP_XML_TREE)};
    if (count < 5 || calls.soap == NULL) {
        fputs("usage: contract_client WSDL ENDPOINT 1.1|1.2 USER [CASE...]\n", stderr);
        return 2;
    }
    return run_cases(&calls, CASES, arguments + 1);
}
