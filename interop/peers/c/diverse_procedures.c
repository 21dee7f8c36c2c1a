/*
 * The procedures of diverse.x. Each changes its argument in a way the client can see, so that
 * neither an echo nor a wrong arm passes for the right answer.
 *
 * The argument of a call is freed only after its reply has been encoded: a result may point into
 * it, and memory linked into it is freed with it.
 */

#include <rpc/rpc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "diverse.h"
#include "serving.h"

enum { MADE_BYTES_MAX = 16 * 1024 * 1024, PATTERN = 251, WHEN_ABSENT = 42, SECRET_VALUE = 4711 };

static u_int executions;
static Posted posted = {0, NULL};

static void *allocate(size_t bytes)
{
    void *memory = calloc(1, bytes == 0 ? 1 : bytes);

    if (memory == NULL)
        fail("cannot keep a value");
    return memory;
}

static void reverse_items(void *items, size_t count, size_t size)
{
    char *first = items;
    char *last = first + count * size;

    while (count > 1 && first < (last -= size)) {
        for (size_t index = 0; index < size; index++) {
            char kept = first[index];

            first[index] = last[index];
            last[index] = kept;
        }
        first += size;
    }
}

Numbers *echo_numbers_1_svc(Numbers numbers, struct svc_req *request)
{
    static Numbers result;

    (void)request;
    result = numbers;
    return &result;
}

Answer *answer_1_svc(int status, struct svc_req *request)
{
    static Answer result;
    static char zero[] = "zero";

    (void)request;
    memset(&result, 0, sizeof result);
    result.status = status;
    if (status == 0)
        result.Answer_u.text = zero;
    else if (status == LOWEST)
        memcpy(result.Answer_u.digest, "\x01\x02\xfe\xff\x00", 5);
    else if (status != 3 && status != 4)
        result.Answer_u.code = 2 * status;
    return &result;
}

Shape *scale_1_svc(Shape shape, double factor, struct svc_req *request)
{
    static Shape result;

    (void)request;
    result = shape;
    if (shape.kind == CIRCLE) {
        result.Shape_u.radius *= factor;
    } else if (shape.kind == RECTANGLE) {
        result.Shape_u.sides.outer.width *= factor;
        result.Shape_u.sides.outer.height *= factor;
        result.Shape_u.sides.inner.width *= factor;
        result.Shape_u.sides.inner.height *= factor;
    } else if (shape.kind == POLYGON) {
        for (u_int index = 0; index < shape.Shape_u.corners.corners_len; index++)
            shape.Shape_u.corners.corners_val[index] *= factor;
    }
    return &result;
}

MaybeHyper *half_1_svc(quad_t value, struct svc_req *request)
{
    static MaybeHyper result;

    (void)request;
    result.present = value % 2 == 0;
    result.MaybeHyper_u.value = value / 2;
    return &result;
}

/* What the entries say changes places; they stay linked as they are, and are freed in that order. */
EntryList *reverse_1_svc(EntryList list, struct svc_req *request)
{
    static EntryList result;
    size_t count = 0;
    size_t index = 0;
    Entry *entries;

    (void)request;
    for (Entry *entry = list; entry != NULL; entry = entry->next)
        count++;
    entries = allocate(count * sizeof *entries);
    for (Entry *entry = list; entry != NULL; entry = entry->next)
        entries[index++] = *entry;
    for (Entry *entry = list; entry != NULL; entry = entry->next) {
        index--;
        entry->name = entries[index].name;
        entry->value = entries[index].value;
    }
    free(entries);
    result = list;
    return &result;
}

/* Into the sorted tree; a value that is there already is not inserted again. */
Tree *insert_1_svc(Tree tree, int value, struct svc_req *request)
{
    static Tree result;
    static Node alone;
    Node **place = &tree;

    (void)request;
    while (*place != NULL && (*place)->value != value)
        place = value < (*place)->value ? &(*place)->left : &(*place)->right;
    if (*place == NULL) {
        /* The root of an empty tree hangs on nothing that is freed. */
        *place = place == &tree ? &alone : allocate(sizeof **place);
        (*place)->value = value;
    }
    result = tree;
    return &result;
}

static Color color_after(Color color)
{
    switch (color) {
    case RED: return GREEN;
    case GREEN: return LIME;
    case LIME: return BLUE;
    default: return RED;
    }
}

Color *next_color_1_svc(Color color, struct svc_req *request)
{
    static Color result;

    (void)request;
    result = color_after(color);
    return &result;
}

/* What was absent is there, what was there is absent; sides change places, colors move on. */
Note *swap_note_1_svc(Note note, struct svc_req *request)
{
    static Note result;
    static quad_t in;

    (void)request;
    result = note;
    result.type = -note.type;
    in = WHEN_ABSENT;
    result.in = note.in == NULL ? &in : NULL;
    if (note.match != NULL) {
        double width = note.match->width;

        note.match->width = note.match->height;
        note.match->height = width;
    }
    if (note.fn.kind == 1)
        result.fn.Setting_u.color = color_after(note.fn.Setting_u.color);
    return &result;
}

Blobs *reverse_blobs_1_svc(Blobs blobs, struct svc_req *request)
{
    static Blobs result;

    (void)request;
    result = blobs;
    reverse_items(result.key, sizeof result.key, 1);
    reverse_items(result.body.body_val, result.body.body_len, 1);
    reverse_items(result.rest.rest_val, result.rest.rest_len, 1);
    return &result;
}

static int compare_ints(const void *left, const void *right)
{
    int first = *(const int *)left;
    int second = *(const int *)right;

    return (first > second) - (first < second);
}

static int compare_doubles(const void *left, const void *right)
{
    double first = *(const double *)left;
    double second = *(const double *)right;

    return (first > second) - (first < second);
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const Name *)left, *(const Name *)right);
}

static void sort(void *items, u_int count, size_t size, int (*compare)(const void *, const void *))
{
    if (count > 1)
        qsort(items, count, size, compare);
}

/* What has an order is sorted; flags, rows and pairs are turned around. */
Sequences *sort_sequences_1_svc(Sequences sequences, struct svc_req *request)
{
    static Sequences result;

    (void)request;
    result = sequences;
    sort(result.samples, SAMPLES, sizeof(int), compare_ints);
    sort(result.readings.readings_val, result.readings.readings_len, sizeof(double),
         compare_doubles);
    sort(result.names.names_val, result.names.names_len, sizeof(Name), compare_names);
    sort(result.colors.colors_val, result.colors.colors_len, sizeof(Color), compare_ints);
    reverse_items(result.flags.flags_val, result.flags.flags_len, sizeof(bool_t));
    reverse_items(result.grid, 2, sizeof(Row));
    reverse_items(result.pairs.pairs_val, result.pairs.pairs_len, sizeof(Pair));
    return &result;
}

void *touch_1_svc(struct svc_req *request)
{
    static char nothing;

    (void)request;
    return &nothing;
}

void *post_1_svc(Name name, struct svc_req *request)
{
    (void)request;
    free(posted.last);
    posted.last = strdup(name);
    if (posted.last == NULL)
        fail("cannot keep a name");
    posted.count++;
    return NULL; /* one-way: the dispatcher sends nothing */
}

Posted *flush_1_svc(struct svc_req *request)
{
    static Posted result;
    static char nobody[] = "";

    (void)request;
    result = posted;
    if (result.last == NULL)
        result.last = nobody;
    return &result;
}

/* Byte i is i modulo 251. */
Bytes *make_bytes_1_svc(u_int count, struct svc_req *request)
{
    static Bytes result;

    if (count > MADE_BYTES_MAX) {
        svcerr_systemerr(request->rq_xprt);
        return NULL;
    }
    free(result.Bytes_val);
    result.Bytes_len = count;
    result.Bytes_val = allocate(count);
    for (u_int index = 0; index < count; index++)
        result.Bytes_val[index] = (char)(index % PATTERN);
    return &result;
}

/* Number i is i / 2. */
Doubles *make_doubles_1_svc(u_int count, struct svc_req *request)
{
    static Doubles result;

    if (count > MADE_BYTES_MAX / sizeof(double)) {
        svcerr_systemerr(request->rq_xprt);
        return NULL;
    }
    free(result.Doubles_val);
    result.Doubles_len = count;
    result.Doubles_val = allocate(count * sizeof(double));
    for (u_int index = 0; index < count; index++)
        result.Doubles_val[index] = index / 2.0;
    return &result;
}

/* Takes as long as it is told, so that an impatient client sends its request again. */
u_int *increment_1_svc(u_int milliseconds, struct svc_req *request)
{
    static u_int result;
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000L};

    (void)request;
    nanosleep(&pause, NULL);
    result = ++executions;
    return &result;
}

u_int *executions_1_svc(struct svc_req *request)
{
    (void)request;
    return &executions;
}

Caller *who_am_i_1_svc(struct svc_req *request)
{
    static Caller result;
    static u_int gids[GROUPS_MAX];
    static char nobody[] = "";

    memset(&result, 0, sizeof result);
    result.flavor = (int)request->rq_cred.oa_flavor;
    result.machine = nobody;
    if (request->rq_cred.oa_flavor == AUTH_SYS) {
        const struct authunix_parms *claimed = (struct authunix_parms *)request->rq_clntcred;

        result.machine = claimed->aup_machname;
        result.uid = (u_int)claimed->aup_uid;
        result.gid = (u_int)claimed->aup_gid;
        result.gids.gids_len = claimed->aup_len;
        result.gids.gids_val = gids;
        for (u_int index = 0; index < claimed->aup_len && index < GROUPS_MAX; index++)
            gids[index] = (u_int)claimed->aup_gids[index];
    }
    return &result;
}

/* For those who say who they are; to others the credential is too weak. */
int *secret_1_svc(struct svc_req *request)
{
    static int result = SECRET_VALUE;

    if (request->rq_cred.oa_flavor != AUTH_SYS) {
        svcerr_weakauth(request->rq_xprt);
        return NULL;
    }
    return &result;
}

/* Never works: SYSTEM_ERR. */
int *break_down_1_svc(struct svc_req *request)
{
    svcerr_systemerr(request->rq_xprt);
    return NULL;
}

char **join_2_svc(char *left, Color color, char *right, struct svc_req *request)
{
    static char *result;

    (void)request;
    free(result);
    if (asprintf(&result, "%s %d %s", left, (int)color, right) < 0)
        fail("cannot keep a text");
    return &result;
}

int *add_2_svc(int first, int second, int third, struct svc_req *request)
{
    static int result;

    (void)request;
    result = first + second + third;
    return &result;
}

Bytes *mirror_2_svc(Bytes bytes, struct svc_req *request)
{
    static Bytes result;

    (void)request;
    result = bytes;
    reverse_items(result.Bytes_val, result.Bytes_len, 1);
    return &result;
}
