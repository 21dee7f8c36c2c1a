/* Serves a gSOAP service at a free port of 127.0.0.1, one connection after the other. */

#ifndef RMIX_PEERS_SERVING_H
#define RMIX_PEERS_SERVING_H

struct soap;

/* Says READY and the port, and calls `serve` for each connection; ends the program with success when
   standard input ends, with failure when it cannot listen. */
int serve_until_input_ends(struct soap *soap, int (*serve)(struct soap *));

#endif
