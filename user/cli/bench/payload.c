// SPDX-License-Identifier: GPL-2.0
#include "payload.h"

#include <inttypes.h>
#include <stdio.h>

struct payload_form payload_form(enum payload_mode mode, size_t size)
{
	size_t words = size / 8;

	return (struct payload_form) {
		.mode = mode,
		.whole = mode != PAYLOAD_NOTIFY && size % 32 == 0,
		.size = size,
		.words = words,
		.steps = words * (words - 1) / 2,
	};
}

void payload_write_any(const struct payload_form *form, void *msg, uint64_t base)
{
	uint64_t last = base + form->words;
	payload_word *w = msg;
	size_t i;

	if (form->mode == PAYLOAD_NOTIFY && form->words) {
		w[0] = base;
		return;
	}
	for (i = 0; i < form->words; i++)
		w[i] = base + i;
	/* Of the last word only the low part fits. */
	memcpy(w + form->words, &last, form->size % 8);
}

bool payload_read_any(const struct payload_form *form, const void *msg, uint64_t base)
{
	uint64_t last = base + form->words, sum = 0;
	const payload_word *w = msg;
	size_t i;

	if (form->mode == PAYLOAD_NOTIFY && form->words)
		return w[0] == base;
	for (i = 0; i < form->words; i++)
		sum += w[i];
	return (!form->words || w[0] == base) &&
	       sum == form->words * base + form->steps &&
	       !memcmp(w + form->words, &last, form->size % 8);
}

size_t payload_difference(const void *msg, size_t size, uint64_t tag)
{
	const unsigned char *bytes = msg;
	uint64_t base = payload_base(tag);
	size_t at;

	for (at = 0; at < size; at += 8) {
		uint64_t word = base + at / 8;
		size_t n = size - at < 8 ? size - at : 8, i;
		unsigned char want[8];

		memcpy(want, &word, sizeof(want));
		for (i = 0; i < n; i++)
			if (bytes[at + i] != want[i])
				return at + i;
	}
	return size;
}

static bool all_words(const void *msg, size_t words, uint64_t tag)
{
	uint64_t base = payload_base(tag), differ = 0;
	payload_pair pair = { base, base + 1 }, bits = { 0 };
	const payload_word *w = msg;
	size_t i;

	for (i = 0; i + 2 <= words; i += 2, pair += 2)
		bits |= *(const payload_pair *)(w + i) ^ pair;
	for (; i < words; i++)
		differ |= w[i] ^ (base + i);
	return !(differ | bits[0] | bits[1]);
}

bool payload_compare(enum payload_mode mode, const void *msg, size_t size,
		     uint64_t tag)
{
	if (mode == PAYLOAD_NOTIFY && size > 8)
		size = 8;
	if (size % 8 == 0)
		return all_words(msg, size / 8, tag);
	return payload_difference(msg, size, tag) == size;
}

/* The tag of which this is the base */
static uint64_t payload_tag_of(uint64_t base)
{
	uint64_t inverse = PAYLOAD_FACTOR;
	int bits;

	/* Newton's step doubles the bits that are right: 3 at first. */
	for (bits = 3; bits < 64; bits *= 2)
		inverse *= 2 - PAYLOAD_FACTOR * inverse;
	return base * inverse - 1;
}

void payload_explain(const void *msg, size_t size, uint64_t tag, char *why,
		     size_t room)
{
	size_t at = payload_difference(msg, size, tag);
	uint64_t base = 0, got;

	memcpy(&base, msg, size < 8 ? size : 8);
	got = payload_tag_of(base);
	if (size >= 8 && got != tag && payload_compare(PAYLOAD_TOUCH, msg, size, got))
		snprintf(why, room, "message %" PRIu64 " of side %u came where "
			 "message %" PRIu64 " of side %u was due",
			 got / 2, (unsigned int)(got % 2), tag / 2,
			 (unsigned int)(tag % 2));
	else
		snprintf(why, room, "message %" PRIu64 " differs at byte %zu",
			 tag / 2, at);
}
