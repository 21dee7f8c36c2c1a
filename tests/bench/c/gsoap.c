/*
 * gsoap: the measured interface over gSOAP, as its tools make it: soapcpp2 has read soap/gsoap.h.
 *
 *   gsoap serve CORE                                          prints "READY URL"
 *   gsoap call URL MEASURE MILLISECONDS CORE SERVER_PID
 *
 * Connections are kept alive without an end on both sides, the server has a thread per connection,
 * and neither looks for references in what it writes (SOAP_XML_TREE).
 */

#include "bench.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "Bench.nsmap"
#include "soapH.h"

enum { PENDING_CONNECTIONS_MAX = 100, MODE = SOAP_IO_KEEPALIVE | SOAP_XML_TREE };

static uint64_t post_count;

/* The server's side. */

int b__nothing(struct soap *soap, struct b__nothingResponse *response)
{
    (void)soap;
    (void)response;
    return SOAP_OK;
}

int b__echo(struct soap *soap, struct xsd__base64Binary bytes, struct b__echoResponse *response)
{
    (void)soap;
    response->return_ = bytes;
    return SOAP_OK;
}

int b__sum(struct soap *soap, int count, double *values, struct b__sumResponse *response)
{
    (void)soap;
    response->return_ = sum_of_values(values, (size_t)count);
    return SOAP_OK;
}

int b__post(struct soap *soap, struct xsd__base64Binary bytes)
{
    (void)bytes;
    __atomic_add_fetch(&post_count, 1, __ATOMIC_RELAXED);
    return soap_send_empty_response(soap, SOAP_OK);
}

int b__count(struct soap *soap, struct b__countResponse *response)
{
    (void)soap;
    response->return_ = __atomic_load_n(&post_count, __ATOMIC_RELAXED);
    return SOAP_OK;
}

int b__sum_USCOREoctets(struct soap *soap, struct b__beside octets,
                        struct b__sum_USCOREoctetsResponse *response)
{
    size_t count = (size_t)octets.xop__Include.__size / sizeof(double);
    double sum = 0;

    (void)soap;
    for (size_t index = 0; index < count; index++) {
        double value;

        memcpy(&value, octets.xop__Include.__ptr + index * sizeof value, sizeof value);
        sum += value;
    }
    response->return_ = sum;
    return SOAP_OK;
}

static void *serve_connection(void *connection)
{
    struct soap *soap = connection;

    soap_serve(soap);
    soap_destroy(soap);
    soap_end(soap);
    soap_free(soap);
    return NULL;
}

static void give_up(struct soap *soap)
{
    soap_print_fault(soap, stderr);
    exit(1);
}

static struct soap *new_soap(void)
{
    struct soap *soap = soap_new1(MODE);

    if (soap == NULL)
        fail("soap_new1");
    soap->max_keep_alive = 0;
    soap->maxoccurs = SUM_VALUES;
    return soap;
}

static void serve(void)
{
    struct soap *soap = new_soap();
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    SOAP_SOCKET listener = soap_bind(soap, "127.0.0.1", 0, PENDING_CONNECTIONS_MAX);

    if (!soap_valid_socket(listener))
        give_up(soap);
    if (getsockname(listener, (struct sockaddr *)&address, &length) < 0)
        fail("getsockname");
    printf("READY http://127.0.0.1:%d/bench\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        struct soap *connection;
        pthread_t thread;

        if (!soap_valid_socket(soap_accept(soap)))
            give_up(soap);
        connection = soap_copy(soap);
        if (connection == NULL ||
            pthread_create(&thread, NULL, serve_connection, connection) != 0)
            fail("pthread_create");
        pthread_detach(thread);
    }
}

/* The client's. */

struct client {
    struct soap *soap;
    const char *url;
};

static void check(struct client *client, int status)
{
    if (status != SOAP_OK)
        give_up(client->soap);
}

static void done(struct client *client)
{
    soap_destroy(client->soap);
    soap_end(client->soap);
}

static void call_null(void *peer)
{
    struct client *client = peer;
    struct b__nothingResponse response;

    check(client, soap_call_b__nothing(client->soap, client->url, "", &response));
    done(client);
}

static void call_echo(void *peer, const char *bytes, size_t count)
{
    struct client *client = peer;
    struct xsd__base64Binary request = {(unsigned char *)bytes, (int)count};
    struct b__echoResponse response;

    check(client, soap_call_b__echo(client->soap, client->url, "", request, &response));
    if ((size_t)response.return_.__size != count)
        exit(1);
    done(client);
}

static double call_sum(void *peer, const double *values, size_t count)
{
    struct client *client = peer;
    struct b__sumResponse response;

    check(client, soap_call_b__sum(client->soap, client->url, "", (int)count, (double *)values,
                                   &response));
    done(client);
    return response.return_;
}

static double call_sum_octets(void *peer, const double *values, size_t count)
{
    struct client *client = peer;
    struct b__sum_USCOREoctetsResponse response;
    struct b__beside octets = {
        {(unsigned char *)values, (int)(count * sizeof *values), NULL, "application/octet-stream",
         NULL}};

    /* What is beside the envelope is found by the same search as references are. */
    soap_clr_omode(client->soap, SOAP_XML_TREE);
    soap_set_omode(client->soap, SOAP_ENC_MTOM);
    check(client,
          soap_call_b__sum_USCOREoctets(client->soap, client->url, "", octets, &response));
    soap_clr_omode(client->soap, SOAP_ENC_MTOM);
    soap_set_omode(client->soap, SOAP_XML_TREE);
    done(client);
    return response.return_;
}

static void post(void *peer, const char *bytes, size_t count)
{
    struct client *client = peer;
    struct xsd__base64Binary request = {(unsigned char *)bytes, (int)count};

    check(client, soap_send_b__post(client->soap, client->url, "", request));
    check(client, soap_recv_empty_response(client->soap));
    done(client);
}

static uint64_t call_count(void *peer)
{
    struct client *client = peer;
    struct b__countResponse response;

    check(client, soap_call_b__count(client->soap, client->url, "", &response));
    done(client);
    return response.return_;
}

static const struct calls CALLS = {
    .null = call_null,
    .echo = call_echo,
    .sum = call_sum,
    .sum_octets = call_sum_octets,
    .post = post,
    .count = call_count,
};

static void *open_client(const char *url)
{
    struct client *client = malloc(sizeof *client);

    if (client == NULL)
        fail("malloc");
    client->soap = new_soap();
    client->url = url;
    return client;
}

int main(int argc, char **argv)
{

    if (argc == 3 && strcmp(argv[1], "serve") == 0) {
        settle(argv[2]);
        serve();
    }
    if (argc != 7 || strcmp(argv[1], "call") != 0) {
        fprintf(stderr, "gsoap: called wrongly\n");
        return 2;
    }
    settle(argv[5]);
    if (number_of(argv[3], "links") > 0)
        measure_links(&CALLS, open_client, argv[2], number_of(argv[3], "links"),
                      (pid_t)atoi(argv[6]));
    measure_calls(&CALLS, open_client(argv[2]), argv[3], argv[4], (pid_t)atoi(argv[6]));
    return 0;
}
