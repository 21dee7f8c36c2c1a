/* The entry of the provider `cframe`, its endpoints, and connecting. */
#include "cframe.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SCHEME "cframe+unix"

typedef struct Provider {
    const RmixHostVt *host;
} Provider;

/* A connect or listen on its way; it is done at its first poll. */
typedef struct Opening {
    const RmixHostVt *host;
    RmixLimits limits;
    uint64_t object;
    char path[sizeof((struct sockaddr_un *)0)->sun_path];
} Opening;

/* ---- Connecting ---- */

static Connection *connect_to(const Opening *opening, RmixErr *err) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", opening->path);
    /* A Unix socket connects at once or not at all; without waiting, a full queue is EAGAIN. */
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return connection_new(opening->host, fd, &opening->limits, opening->object, opening->path, err);
    int error = errno;
    if (fd >= 0) close(fd);
    char sentence[192];
    snprintf(sentence, sizeof sentence, "%s: %s", opening->path, strerror(error));
    fail(err, error == EAGAIN ? RMIX_KIND_RETRY : RMIX_KIND_RECONNECT, RMIX_CAUSE_CONNECT, RMIX_DELIVERY_NOT_SENT, error, sentence);
    return NULL;
}

static RmixStatus connect_poll(void *p, const RmixAbiWaker *waker, RmixOpened *out, RmixErr *err) {
    (void)waker;
    const Opening *opening = p;
    Connection *connection = connect_to(opening, err);
    if (connection == NULL) return RMIX_ERR;
    if (opening->object != 0) {
        connection_retain(connection);
        connection_start_reader(connection);
    }
    out->object = connection;
    out->link = &LINK_VT;
    out->listener = NULL;
    return RMIX_OK;
}

static RmixStatus listen_poll(void *p, const RmixAbiWaker *waker, RmixOpened *out, RmixErr *err) {
    (void)waker;
    const Opening *opening = p;
    Listener *listener = listener_open(opening->host, opening->path, &opening->limits, opening->object, err);
    if (listener == NULL) return RMIX_ERR;
    out->object = listener;
    out->link = NULL;
    out->listener = &LISTENER_VT;
    return RMIX_OK;
}

static void opening_drop(void *p) { free(p); }

/* ---- The provider ---- */

/* Reads `cframe+unix:PATH`, where PATH may begin with `//`, as in a URL without an authority. */
static RmixStatus open_(const void *provider, const RmixOpenRequest *request, const RmixFutVt *vt, RmixFut *out, RmixErr *err) {
    static const char PREFIX[] = SCHEME ":";
    size_t prefix = sizeof PREFIX - 1;
    RmixStr endpoint = request->endpoint;
    if (endpoint.n >= prefix + 2 && memcmp(endpoint.p + prefix, "//", 2) == 0) prefix += 2;
    bool ours = endpoint.n > prefix && memcmp(endpoint.p, PREFIX, sizeof PREFIX - 1) == 0;
    size_t length = ours ? endpoint.n - prefix : 0;
    if (!ours || memchr(endpoint.p + prefix, 0, length) != NULL)
        return fail(err, RMIX_KIND_FIX_REQUEST, RMIX_CAUSE_ENDPOINT, RMIX_DELIVERY_NOT_SENT, 0, "an endpoint is written " SCHEME ":PATH");
    Opening *opening = must_alloc(sizeof *opening);
    if (length >= sizeof opening->path) {
        free(opening);
        return fail(err, RMIX_KIND_FIX_REQUEST, RMIX_CAUSE_ENDPOINT, RMIX_DELIVERY_NOT_SENT, 0, "the path of a Unix socket has at most 107 bytes");
    }
    opening->host = ((const Provider *)provider)->host;
    opening->limits = *request->limits;
    opening->object = request->object;
    memcpy(opening->path, endpoint.p + prefix, length);
    opening->path[length] = 0;
    out->p = opening;
    out->vt = vt;
    return RMIX_OK;
}

static RmixStatus provider_connect(const void *provider, const RmixOpenRequest *request, RmixFut *out, RmixErr *err) {
    static const RmixFutVt VT = {sizeof(RmixFutVt), connect_poll, opening_drop};
    return open_(provider, request, &VT, out, err);
}

static RmixStatus provider_listen(const void *provider, const RmixOpenRequest *request, RmixFut *out, RmixErr *err) {
    static const RmixFutVt VT = {sizeof(RmixFutVt), listen_poll, opening_drop};
    return open_(provider, request, &VT, out, err);
}

static void provider_release(const void *provider) { free((void *)(uintptr_t)provider); }

static RmixStatus init(const RmixHostVt *host, const RmixProviderVt **out, const void **object, RmixErr *err) {
    static const RmixProviderVt VT = {sizeof(RmixProviderVt), provider_connect, provider_listen, provider_release};
    if (host->size < sizeof *host)
        return fail(err, RMIX_KIND_UNSUPPORTED, RMIX_CAUSE_VERSION, RMIX_DELIVERY_NOT_SENT, 0, "the host is older than this provider");
    Provider *provider = must_alloc(sizeof *provider);
    provider->host = host;
    *out = &VT;
    *object = provider;
    return RMIX_OK;
}

RMIX_EXPORT extern const RmixProviderEntry RMIX_ENTRY_SYMBOL(cframe);

/* Not claimed: values do not describe themselves, methods have no numbers, and neither a caller's giving up nor its
 * deadline travels. */
RMIX_EXPORT const RmixProviderEntry RMIX_ENTRY_SYMBOL(cframe) = {
    .magic = RMIX_MAGIC,
    .size = sizeof(RmixProviderEntry),
    .major = RMIX_MAJOR,
    .minor = RMIX_MINOR,
    .layout = RMIX_LAYOUT_HASH,
    .name = RMIX_STR("cframe"),
    .version = RMIX_STR("0.1.0"),
    .build = RMIX_STR("C compiler " __VERSION__),
    .schemes = RMIX_STR(SCHEME),
    .capabilities = RMIX_CAPABILITY_ONEWAY | RMIX_CAPABILITY_TWOWAY | RMIX_CAPABILITY_LISTEN | RMIX_CAPABILITY_SYMMETRIC |
                    RMIX_CAPABILITY_FAULTS | RMIX_CAPABILITY_ORDERED | RMIX_CAPABILITY_CONCURRENT,
    .init = init,
};
