/* The loop of the gSOAP servers. */

#include "serving.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "soapH.h"

enum { PENDING_CONNECTIONS_MAX = 100, RECEIVE_SECONDS_MAX = 20 };

static void *wait_for_end(void *unused)
{
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
    _exit(EXIT_SUCCESS);
    return unused;
}

int serve_until_input_ends(struct soap *soap, int (*serve)(struct soap *))
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    pthread_t waiter;

    /* A client that says nothing does not stop the others for ever. */
    soap->recv_timeout = RECEIVE_SECONDS_MAX;
    SOAP_SOCKET listener = soap_bind(soap, "127.0.0.1", 0, PENDING_CONNECTIONS_MAX);
    if (!soap_valid_socket(listener)
        || getsockname(listener, (struct sockaddr *)&address, &length) != 0
        || pthread_create(&waiter, NULL, wait_for_end, NULL) != 0) {
        soap_print_fault(soap, stderr);
        return EXIT_FAILURE;
    }
    printf("READY %d\n", ntohs(address.sin_port));
    fflush(stdout);
    while (soap_valid_socket(soap_accept(soap))) {
        if (serve(soap) != SOAP_OK && soap->error != SOAP_EOF)
            soap_print_fault(soap, stderr);
        soap_destroy(soap);
        soap_end(soap);
    }
    soap_print_fault(soap, stderr);
    return EXIT_FAILURE;
}
