/* See diverse_operations.h. */

#include "diverse_operations.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "console.h"
#include "diverse.h"
#include "diverse_values.h"

enum { PATTERN = 251 };

static const struct timeval CALL_TIMEOUT = {25, 0};

/* Prints why there is no result, or what comes before every result. */
static bool_t begin(CLIENT *client, const void *result)
{
    if (result == NULL)
        print_json_failure(client);
    else
        printf("{\"ok\":");
    return result != NULL;
}

/* xdr_void of libtirpc takes no argument at all, which no xdrproc_t may do. */
static bool_t xdr_nothing(XDR *xdrs)
{
    (void)xdrs;
    return TRUE;
}

static void call_nothing(CLIENT *client, rpcproc_t procedure)
{
    enum clnt_stat status = clnt_call(client, procedure, (xdrproc_t)xdr_nothing, NULL,
                                      (xdrproc_t)xdr_nothing, NULL, CALL_TIMEOUT);

    if (begin(client, status == RPC_SUCCESS ? client : NULL))
        printf("null}");
}

static void run_null(CLIENT *client, char **words, int count)
{
    (void)words;
    (void)count;
    call_nothing(client, NULLPROC);
}

static void run_procedure(CLIENT *client, char **words, int count)
{
    (void)count;
    call_nothing(client, (rpcproc_t)parse_integer(words[0]));
}

static void run_touch(CLIENT *client, char **words, int count)
{
    (void)words;
    (void)count;
    if (begin(client, touch_1(client)))
        printf("null}");
}

static void run_numbers(CLIENT *client, char **words, int count)
{
    static const Numbers small = {-128, 0, -32768, 0, INT32_MIN, 0, 0, INT32_MIN, 0, INT64_MIN, 0,
                                  -1.5F, -0.1, FALSE};
    static const Numbers large = {127, 255, 32767, 65535, INT32_MAX, UINT32_MAX, UINT32_MAX,
                                  INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_MAX, 0.25F, 1e300, TRUE};
    Numbers *numbers;

    (void)count;
    numbers = echo_numbers_1(strcmp(words[0], "small") == 0 ? small : large, client);
    if (!begin(client, numbers))
        return;
    print_numbers(numbers);
    putchar('}');
}

static void run_answer(CLIENT *client, char **words, int count)
{
    Answer *answer = answer_1((int)parse_integer(words[0]), client);

    (void)count;
    if (!begin(client, answer))
        return;
    print_answer(answer);
    putchar('}');
}

static void run_scale(CLIENT *client, char **words, int count)
{
    Shape *shape = scale_1(parse_shape(words + 1, count - 1), parse_double(words[0]), client);

    if (!begin(client, shape))
        return;
    print_shape(shape);
    putchar('}');
}

static void run_half(CLIENT *client, char **words, int count)
{
    MaybeHyper *half = half_1(parse_integer(words[0]), client);

    (void)count;
    if (!begin(client, half))
        return;
    if (half->present)
        printf("{\"present\":true,\"value\":%" PRId64 "}}", (int64_t)half->MaybeHyper_u.value);
    else
        printf("{\"present\":false}}");
}

static void run_reverse(CLIENT *client, char **words, int count)
{
    Entry *entries = allocate((size_t)count, sizeof *entries);
    EntryList *list;

    for (int index = 0; index < count; index++) {
        char *equals = strchr(words[index], '=');

        if (equals == NULL)
            usage("an entry is NAME=VALUE");
        entries[index].name = strndup(words[index], (size_t)(equals - words[index]));
        entries[index].value = (int)parse_integer(equals + 1);
        entries[index].next = index + 1 < count ? &entries[index + 1] : NULL;
    }
    list = reverse_1(count > 0 ? entries : NULL, client);
    if (!begin(client, list))
        return;
    putchar('[');
    for (const Entry *entry = *list; entry != NULL; entry = entry->next) {
        printf("%s{\"name\":", entry == *list ? "" : ",");
        print_json_string(entry->name);
        printf(",\"value\":%d}", entry->value);
    }
    printf("]}");
}

/* A list of that length, numbered from 0, as it comes back. */
static void run_long_list(CLIENT *client, char **words, int count)
{
    static char name[] = "n";
    size_t length = (size_t)parse_integer(words[0]);
    Entry *entries = allocate(length, sizeof *entries);
    EntryList *list;
    size_t wrong = 0;
    size_t left = length;

    (void)count;
    for (size_t index = 0; index < length; index++)
        entries[index] = (Entry){name, (int)index, index + 1 < length ? &entries[index + 1] : NULL};
    list = reverse_1(length > 0 ? entries : NULL, client);
    if (!begin(client, list))
        return;
    for (const Entry *entry = *list; entry != NULL && left > 0; entry = entry->next)
        wrong += entry->value != (int)--left;
    printf("{\"length\":%zu,\"wrong\":%zu}}", length - left, wrong);
}

static void run_insert(CLIENT *client, char **words, int count)
{
    Node *nodes = allocate((size_t)count, sizeof *nodes);
    Node *root = NULL;
    Tree *tree;

    for (int index = 1; index < count; index++) {
        Node **place = &root;

        nodes[index].value = (int)parse_integer(words[index]);
        while (*place != NULL)
            place = nodes[index].value < (*place)->value ? &(*place)->left : &(*place)->right;
        *place = &nodes[index];
    }
    tree = insert_1(root, (int)parse_integer(words[0]), client);
    if (!begin(client, tree))
        return;
    print_tree(*tree);
    putchar('}');
}

static void run_swap_note(CLIENT *client, char **words, int count)
{
    static char full_ref[] = "r\xc3\xa9" "f";
    static char empty_ref[] = "";
    static quad_t in = -5;
    static Pair match = {1.0, 2.0};
    const Note full = {7, full_ref, &in, &match, {1, {RED}}};
    const Note empty = {0, empty_ref, NULL, NULL, {8, {RED}}};
    Note *note = swap_note_1(strcmp(words[0], "full") == 0 ? full : empty, client);

    (void)count;
    if (!begin(client, note))
        return;
    print_note(note);
    putchar('}');
}

static void run_reverse_blobs(CLIENT *client, char **words, int count)
{
    Blobs blobs;
    u_int key_count;
    char *key = parse_hex(words[0], &key_count);
    Blobs *result;

    (void)count;
    if (key_count != sizeof blobs.key)
        usage("a key has five bytes");
    memcpy(blobs.key, key, sizeof blobs.key);
    blobs.body.body_val = parse_hex(words[1], &blobs.body.body_len);
    blobs.rest.rest_val = parse_hex(words[2], &blobs.rest.rest_len);
    result = reverse_blobs_1(blobs, client);
    if (!begin(client, result))
        return;
    printf("{\"key\":");
    print_hex(result->key, sizeof result->key);
    printf(",\"body\":");
    print_hex(result->body.body_val, result->body.body_len);
    printf(",\"rest\":");
    print_hex(result->rest.rest_val, result->rest.rest_len);
    printf("}}");
}

static void run_sort_sequences(CLIENT *client, char **words, int count)
{
    static double readings[] = {2.5, -1.0, 0.0};
    static char name_b[] = "pear", name_a[] = "apple", name_none[] = "", name_c[] = "plum";
    static Name names[] = {name_b, name_a, name_none, name_c};
    static Color colors[] = {BLUE, RED, LIME, GREEN, RED, BLUE, LIME, GREEN};
    static bool_t flags[] = {TRUE, FALSE};
    static Pair pairs[] = {{1.0, 2.0}, {3.0, 4.0}};
    const Sequences full = {{3, -1, 2}, {3, readings}, {4, names}, {8, colors}, {2, flags},
                            {{1, 2}, {3, 4}}, {2, pairs}};
    const Sequences empty = {{0}, {0, NULL}, {0, NULL}, {0, NULL}, {0, NULL}, {{0}}, {0, NULL}};
    Sequences *result = sort_sequences_1(strcmp(words[0], "full") == 0 ? full : empty, client);

    (void)count;
    if (!begin(client, result))
        return;
    print_sequences(result);
    putchar('}');
}

static void run_next_color(CLIENT *client, char **words, int count)
{
    Color *color = next_color_1(parse_color(words[0]), client);

    (void)count;
    if (!begin(client, color))
        return;
    print_color(*color);
    putchar('}');
}

static void print_posted(CLIENT *client)
{
    Posted *posted = flush_1(client);

    if (!begin(client, posted))
        return;
    printf("{\"count\":%u,\"last\":", posted->count);
    print_json_string(posted->last);
    printf("}}");
}

static void run_flush(CLIENT *client, char **words, int count)
{
    (void)words;
    (void)count;
    print_posted(client);
}

/*
 * The batching idiom: no decoder for a result and no time to wait for one. On a stream the requests
 * stay in the client's buffer until an ordinary call pushes them out. With no time at all libtirpc
 * sends no datagram either; with some it does, and says in the end that the time ran out.
 */
static void run_post(CLIENT *client, char **words, int count)
{
    const struct timeval no_wait = {0, 0};
    const struct timeval short_wait = {0, 1000};
    int link = -1;
    int type = SOCK_STREAM;
    socklen_t length = sizeof type;

    if (clnt_control(client, CLGET_FD, (char *)&link))
        getsockopt(link, SOL_SOCKET, SO_TYPE, &type, &length);
    for (int index = 0; index < count; index++) {
        enum clnt_stat status =
            clnt_call(client, POST, (xdrproc_t)xdr_Name, (caddr_t)&words[index], NULL, NULL,
                      type == SOCK_STREAM ? no_wait : short_wait);

        if (status != RPC_SUCCESS && status != RPC_TIMEDOUT) {
            print_json_failure(client);
            return;
        }
    }
    print_posted(client);
}

static void run_make_bytes(CLIENT *client, char **words, int count)
{
    Bytes *bytes = make_bytes_1((u_int)parse_integer(words[0]), client);
    u_int wrong = 0;

    (void)count;
    if (!begin(client, bytes))
        return;
    for (u_int index = 0; index < bytes->Bytes_len; index++)
        wrong += bytes->Bytes_val[index] != (char)(index % PATTERN);
    printf("{\"length\":%u,\"wrong\":%u}}", bytes->Bytes_len, wrong);
}

static void run_make_doubles(CLIENT *client, char **words, int count)
{
    Doubles *doubles = make_doubles_1((u_int)parse_integer(words[0]), client);
    u_int wrong = 0;

    (void)count;
    if (!begin(client, doubles))
        return;
    for (u_int index = 0; index < doubles->Doubles_len; index++)
        wrong += doubles->Doubles_val[index] != index / 2.0;
    printf("{\"length\":%u,\"wrong\":%u}}", doubles->Doubles_len, wrong);
}

static void run_mirror(CLIENT *client, char **words, int count)
{
    u_int length = (u_int)parse_integer(words[0]);
    Bytes bytes = {length, allocate(length, 1)};
    Bytes *mirrored;
    u_int wrong = 0;

    (void)count;
    for (u_int index = 0; index < length; index++)
        bytes.Bytes_val[index] = (char)(index % PATTERN);
    mirrored = mirror_2(bytes, client);
    if (!begin(client, mirrored))
        return;
    for (u_int index = 0; index < mirrored->Bytes_len; index++)
        wrong += mirrored->Bytes_val[index] != (char)((length - 1 - index) % PATTERN);
    printf("{\"length\":%u,\"wrong\":%u}}", mirrored->Bytes_len, wrong);
}

static void print_unsigned(CLIENT *client, const u_int *result)
{
    if (begin(client, result))
        printf("%u}", *result);
}

static void print_int(CLIENT *client, const int *result)
{
    if (begin(client, result))
        printf("%d}", *result);
}

static void run_increment(CLIENT *client, char **words, int count)
{
    (void)count;
    print_unsigned(client, increment_1((u_int)parse_integer(words[0]), client));
}

static void run_executions(CLIENT *client, char **words, int count)
{
    (void)words;
    (void)count;
    print_unsigned(client, executions_1(client));
}

static void run_who_am_i(CLIENT *client, char **words, int count)
{
    Caller *caller = who_am_i_1(client);

    (void)words;
    (void)count;
    if (!begin(client, caller))
        return;
    printf("{\"flavor\":%d,\"machine\":", caller->flavor);
    print_json_string(caller->machine);
    printf(",\"uid\":%u,\"gid\":%u,\"gids\":[", caller->uid, caller->gid);
    for (u_int index = 0; index < caller->gids.gids_len; index++)
        printf("%s%u", index > 0 ? "," : "", caller->gids.gids_val[index]);
    printf("]}}");
}

static void run_secret(CLIENT *client, char **words, int count)
{
    (void)words;
    (void)count;
    print_int(client, secret_1(client));
}

static void run_break_down(CLIENT *client, char **words, int count)
{
    (void)words;
    (void)count;
    print_int(client, break_down_1(client));
}

static void run_join(CLIENT *client, char **words, int count)
{
    char **text = join_2(words[0], parse_color(words[1]), words[2], client);

    (void)count;
    if (!begin(client, text))
        return;
    print_json_string(*text);
    putchar('}');
}

static void run_add(CLIENT *client, char **words, int count)
{
    (void)count;
    print_int(client, add_2((int)parse_integer(words[0]), (int)parse_integer(words[1]),
                            (int)parse_integer(words[2]), client));
}

static void call_null(CLIENT *client, const char *operation)
{
    (void)operation;
    if (clnt_call(client, NULLPROC, (xdrproc_t)xdr_nothing, NULL, (xdrproc_t)xdr_nothing, NULL,
                  CALL_TIMEOUT) != RPC_SUCCESS)
        usage(clnt_sperror(client, "bench"));
}

static void run_bench(CLIENT *client, char **words, int count)
{
    (void)count;
    measure_calls("null", words[0], call_null, client);
}

static const struct {
    const char *name;
    const char *words;
    int words_min;
    int words_max;
    unsigned version;
    void (*run)(CLIENT *client, char **words, int count);
} OPERATIONS[] = {
    {"null", "", 0, 0, DIVERSE_V1, run_null},
    {"procedure", "NUMBER", 1, 1, DIVERSE_V1, run_procedure},
    {"numbers", "small|large", 1, 1, DIVERSE_V1, run_numbers},
    {"answer", "STATUS", 1, 1, DIVERSE_V1, run_answer},
    {"scale", "FACTOR KIND [NUMBER...|TITLE]", 2, 10, DIVERSE_V1, run_scale},
    {"half", "HYPER", 1, 1, DIVERSE_V1, run_half},
    {"reverse", "[NAME=VALUE...]", 0, 1000, DIVERSE_V1, run_reverse},
    {"long-list", "LENGTH", 1, 1, DIVERSE_V1, run_long_list},
    {"insert", "NEW [VALUE...]", 1, 1000, DIVERSE_V1, run_insert},
    {"swap-note", "full|empty", 1, 1, DIVERSE_V1, run_swap_note},
    {"reverse-blobs", "KEY BODY REST", 3, 3, DIVERSE_V1, run_reverse_blobs},
    {"sort-sequences", "full|empty", 1, 1, DIVERSE_V1, run_sort_sequences},
    {"next-color", "COLOR", 1, 1, DIVERSE_V1, run_next_color},
    {"touch", "", 0, 0, DIVERSE_V1, run_touch},
    {"post", "NAME...", 1, 1000, DIVERSE_V1, run_post},
    {"flush", "", 0, 0, DIVERSE_V1, run_flush},
    {"make-bytes", "COUNT", 1, 1, DIVERSE_V1, run_make_bytes},
    {"make-doubles", "COUNT", 1, 1, DIVERSE_V1, run_make_doubles},
    {"increment", "MILLISECONDS", 1, 1, DIVERSE_V1, run_increment},
    {"executions", "", 0, 0, DIVERSE_V1, run_executions},
    {"who-am-i", "", 0, 0, DIVERSE_V1, run_who_am_i},
    {"secret", "", 0, 0, DIVERSE_V1, run_secret},
    {"break-down", "", 0, 0, DIVERSE_V1, run_break_down},
    {"join", "LEFT COLOR RIGHT", 3, 3, DIVERSE_V2, run_join},
    {"add", "INT INT INT", 3, 3, DIVERSE_V2, run_add},
    {"mirror", "COUNT", 1, 1, DIVERSE_V2, run_mirror},
    {"bench", "CALLS", 1, 1, DIVERSE_V1, run_bench},
};

void run_operation(CLIENT *client, unsigned version, char **words, int count)
{
    for (size_t index = 0; index < sizeof OPERATIONS / sizeof *OPERATIONS; index++) {
        if (strcmp(words[0], OPERATIONS[index].name) == 0 &&
            count - 1 >= OPERATIONS[index].words_min && count - 1 <= OPERATIONS[index].words_max) {
            u_int32_t called = version != 0 ? version : OPERATIONS[index].version;

            clnt_control(client, CLSET_VERS, (char *)&called);
            OPERATIONS[index].run(client, words + 1, count - 1);
            return;
        }
    }
    usage("no such operation, or not with these words");
}

void print_operations(void)
{
    for (size_t index = 0; index < sizeof OPERATIONS / sizeof *OPERATIONS; index++)
        fprintf(stderr, "  %s %s\n", OPERATIONS[index].name, OPERATIONS[index].words);
}
