/* See diverse_values.h. */

#include "diverse_values.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"

static const struct { const char *name; int value; } KINDS[] = {
    {"CIRCLE", CIRCLE}, {"RECTANGLE", RECTANGLE}, {"NOTHING", NOTHING},
    {"POLYGON", POLYGON}, {"STAR", STAR},
}, COLORS[] = {
    {"RED", RED}, {"GREEN", GREEN}, {"LIME", LIME}, {"BLUE", BLUE},
};

void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);

    if (memory == NULL)
        usage("too much");
    return memory;
}

Color parse_color(const char *text)
{
    for (size_t index = 0; index < sizeof COLORS / sizeof *COLORS; index++)
        if (strcmp(text, COLORS[index].name) == 0)
            return (Color)COLORS[index].value;
    return (Color)parse_integer(text);
}

void print_color(Color color)
{
    for (size_t index = 0; index < sizeof COLORS / sizeof *COLORS; index++)
        if ((int)color == COLORS[index].value) {
            printf("\"%s\"", COLORS[index].name);
            return;
        }
    printf("%d", (int)color);
}

static ShapeKind parse_kind(const char *text)
{
    for (size_t index = 0; index < sizeof KINDS / sizeof *KINDS; index++)
        if (strcmp(text, KINDS[index].name) == 0)
            return (ShapeKind)KINDS[index].value;
    return (ShapeKind)parse_integer(text);
}

static void print_kind(ShapeKind kind)
{
    for (size_t index = 0; index < sizeof KINDS / sizeof *KINDS; index++)
        if ((int)kind == KINDS[index].value) {
            printf("\"%s\"", KINDS[index].name);
            return;
        }
    printf("%d", (int)kind);
}

void print_doubles(const double *values, u_int count)
{
    putchar('[');
    for (u_int index = 0; index < count; index++) {
        if (index > 0)
            putchar(',');
        print_json_double(values[index]);
    }
    putchar(']');
}

void print_hex(const char *bytes, u_int count)
{
    putchar('"');
    for (u_int index = 0; index < count; index++)
        printf("%02x", (unsigned char)bytes[index]);
    putchar('"');
}

char *parse_hex(const char *text, u_int *count)
{
    size_t digits = strcmp(text, "-") == 0 ? 0 : strlen(text);
    char *bytes = allocate(digits / 2, 1);

    for (size_t index = 0; index < digits / 2; index++) {
        unsigned byte;

        if (sscanf(text + 2 * index, "%2x", &byte) != 1)
            usage("not hexadecimal");
        bytes[index] = (char)byte;
    }
    *count = (u_int)(digits / 2);
    return bytes;
}

void print_pair(const Pair *pair)
{
    printf("{\"width\":");
    print_json_double(pair->width);
    printf(",\"height\":");
    print_json_double(pair->height);
    putchar('}');
}

void print_numbers(const Numbers *numbers)
{
    printf("{\"tiny\":%d,\"unsigned_tiny\":%u,", (signed char)numbers->tiny,
           numbers->unsigned_tiny);
    printf("\"small\":%d,\"unsigned_small\":%u,", numbers->small, numbers->unsigned_small);
    printf("\"normal\":%d,\"bare\":%u,\"unsigned_normal\":%u,", numbers->normal, numbers->bare,
           numbers->unsigned_normal);
    /* The code rpcgen inlines reads a negative long of four bytes without its sign. */
    printf("\"four_bytes\":%d,\"unsigned_four_bytes\":%lu,", (int)numbers->four_bytes,
           numbers->unsigned_four_bytes);
    printf("\"big\":%" PRId64 ",\"unsigned_big\":%" PRIu64 ",\"single\":", (int64_t)numbers->big,
           (uint64_t)numbers->unsigned_big);
    print_json_double((double)numbers->single);
    printf(",\"real\":");
    print_json_double(numbers->real);
    printf(",\"flag\":%s}", numbers->flag ? "true" : "false");
}

void print_answer(const Answer *answer)
{
    printf("{\"status\":%d", answer->status);
    if (answer->status == 0) {
        printf(",\"text\":");
        print_json_string(answer->Answer_u.text);
    } else if (answer->status == LOWEST) {
        printf(",\"digest\":");
        print_hex(answer->Answer_u.digest, 5);
    } else if (answer->status != 3 && answer->status != 4) {
        printf(",\"code\":%d", answer->Answer_u.code);
    }
    putchar('}');
}

Shape parse_shape(char **words, int count)
{
    Shape shape;
    double numbers[8] = {0};
    static double corners[8];

    memset(&shape, 0, sizeof shape);
    shape.kind = parse_kind(words[0]);
    if (shape.kind == NOTHING)
        return shape;
    if (shape.kind != CIRCLE && shape.kind != RECTANGLE && shape.kind != POLYGON) {
        shape.Shape_u.title = count > 1 ? words[1] : words[0];
        return shape;
    }
    for (int index = 1; index < count && index <= 8; index++)
        numbers[index - 1] = parse_double(words[index]);
    if (shape.kind == CIRCLE) {
        shape.Shape_u.radius = numbers[0];
    } else if (shape.kind == RECTANGLE) {
        shape.Shape_u.sides.outer = (Pair){numbers[0], numbers[1]};
        shape.Shape_u.sides.inner = (Pair){numbers[2], numbers[3]};
    } else {
        memcpy(corners, numbers, sizeof corners);
        shape.Shape_u.corners.corners_len = (u_int)(count - 1);
        shape.Shape_u.corners.corners_val = corners;
    }
    return shape;
}

void print_shape(const Shape *shape)
{
    printf("{\"kind\":");
    print_kind(shape->kind);
    if (shape->kind == CIRCLE) {
        printf(",\"radius\":");
        print_json_double(shape->Shape_u.radius);
    } else if (shape->kind == RECTANGLE) {
        printf(",\"sides\":{\"outer\":");
        print_pair(&shape->Shape_u.sides.outer);
        printf(",\"inner\":");
        print_pair(&shape->Shape_u.sides.inner);
        putchar('}');
    } else if (shape->kind == POLYGON) {
        printf(",\"corners\":");
        print_doubles(shape->Shape_u.corners.corners_val, shape->Shape_u.corners.corners_len);
    } else if (shape->kind != NOTHING) {
        printf(",\"title\":");
        print_json_string(shape->Shape_u.title);
    }
    putchar('}');
}

void print_tree(const Node *tree)
{
    if (tree == NULL) {
        printf("null");
        return;
    }
    printf("{\"value\":%d,\"left\":", tree->value);
    print_tree(tree->left);
    printf(",\"right\":");
    print_tree(tree->right);
    putchar('}');
}

void print_sequences(const Sequences *sequences)
{
    printf("{\"samples\":[%d,%d,%d],\"readings\":", sequences->samples[0], sequences->samples[1],
           sequences->samples[2]);
    print_doubles(sequences->readings.readings_val, sequences->readings.readings_len);
    printf(",\"names\":[");
    for (u_int index = 0; index < sequences->names.names_len; index++) {
        fputs(index > 0 ? "," : "", stdout);
        print_json_string(sequences->names.names_val[index]);
    }
    printf("],\"colors\":[");
    for (u_int index = 0; index < sequences->colors.colors_len; index++) {
        fputs(index > 0 ? "," : "", stdout);
        print_color(sequences->colors.colors_val[index]);
    }
    printf("],\"flags\":[");
    for (u_int index = 0; index < sequences->flags.flags_len; index++)
        printf("%s%s", index > 0 ? "," : "", sequences->flags.flags_val[index] ? "true" : "false");
    printf("],\"grid\":[[%d,%d],[%d,%d]],\"pairs\":[", sequences->grid[0][0], sequences->grid[0][1],
           sequences->grid[1][0], sequences->grid[1][1]);
    for (u_int index = 0; index < sequences->pairs.pairs_len; index++) {
        fputs(index > 0 ? "," : "", stdout);
        print_pair(&sequences->pairs.pairs_val[index]);
    }
    printf("]}");
}

void print_note(const Note *note)
{
    printf("{\"type\":%d,\"ref\":", note->type);
    print_json_string(note->ref);
    printf(",\"in\":");
    if (note->in == NULL)
        printf("null");
    else
        printf("%" PRId64, (int64_t)*note->in);
    printf(",\"match\":");
    if (note->match == NULL)
        printf("null");
    else
        print_pair(note->match);
    printf(",\"fn\":{\"kind\":%u", note->fn.kind);
    if (note->fn.kind == 1) {
        printf(",\"color\":");
        print_color(note->fn.Setting_u.color);
    }
    printf("}}");
}
