/* Writes one value of everything.x as XDR to its standard output. */
#include <stdio.h>
#include <string.h>
#include "everything.h"

int main(void)
{
	static char out[65536];
	all v;
	XDR xdrs;
	int ints[] = {1, -2, 3};
	point points[] = {{1, 2}, {3, 4}};
	label labels[] = {"a", "four", "five5"};
	u_char chars[] = {0, 127, 255};
	char signed_chars[] = {-1, 5};
	bool_t flags[] = {1, 0};
	colour colours[] = {RED, BLUE, DARK};
	entry second = {2, "two", NULL}, first = {1, "one", &second};
	tree leaf = {7, NULL, NULL};
	result results[3];
	other others[3];
	flag oks[2];
	word words[2];
	point here = {-1, 1};
	later found = {99};
	int i;

	memset(&v, 0, sizeof v);
	v.n = (numbers){-5, 250, -300, 65000, -70000, 4000000000u, -8, 4000000001u, -5000000000LL,
			18000000000000000000ULL, 1.5f, -2.25, 1, 12, 513};
	memcpy(v.a.fixed, "\1\2\3\4\5", 5);
	v.a.text = "text";
	v.a.ints.ints_len = 3;
	v.a.ints.ints_val = ints;
	v.a.points.points_len = 2;
	v.a.points.points_val = points;
	v.a.labels.labels_len = 3;
	v.a.labels.labels_val = labels;
	for (i = 0; i < 6; i++)
		v.a.triples[i / 3][i % 3] = i - 2;
	v.a.chars.char_array_len = 3;
	v.a.chars.char_array_val = chars;
	v.a.signed_chars.signed_chars_len = 2;
	v.a.signed_chars.signed_chars_val = signed_chars;
	v.a.flags.flags_len = 2;
	v.a.flags.flags_val = flags;
	for (i = 0; i < 40; i++)
		v.a.many[i] = i * i;
	v.a.colours.palette_len = 3;
	v.a.colours.palette_val = colours;
	memcpy(v.a.file, "\xff\0\1\2\3\4\5\6", 8);
	v.a.data.blob_len = 3;
	v.a.data.blob_val = "\7\10\11";
	v.list = &first;
	v.alone = (entry){3, "three", &second};
	v.t = (tree){6, &leaf, NULL};
	results[0].status = RED;
	results[0].result_u.code = -44;
	results[1].status = BLUE;
	results[1].result_u.text = "blue";
	results[2].status = DARK;
	v.results.results_len = 3;
	v.results.results_val = results;
	others[0].kind = -1;
	others[1].kind = MINUS;
	others[1].other_u.at = here;
	others[2].kind = -1000;
	others[2].other_u.rest = 1LL << 40;
	v.others.others_len = 3;
	v.others.others_val = others;
	oks[0].ok = TRUE;
	oks[0].flag_u.value = 17;
	oks[1].ok = FALSE;
	v.flags.flags_len = 2;
	v.flags.flags_val = oks;
	words[0].w = 0xffffffff;
	words[0].word_u.top = 1;
	words[1].w = 0x80000000;
	v.words.words_len = 2;
	v.words.words_val = words;
	v.m1 = &here;
	v.m2 = NULL;
	v.o.crate = (type){1, 2, 3};
	v.f.found = &found;
	v.f.where = here;

	xdrmem_create(&xdrs, out, sizeof out, XDR_ENCODE);
	if (!xdr_all(&xdrs, &v))
		return 1;
	fwrite(out, 1, xdr_getpos(&xdrs), stdout);
	return 0;
}
