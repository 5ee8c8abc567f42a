/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the messages hold.  A tag is made of the sequence number and the
 * direction, and a number drawn from it; word i of the message is that number
 * plus i.  So a message that was lost, repeated, taken from the other direction
 * or altered differs, and the sum of all words is known without writing them.
 */
#ifndef BENCH_PAYLOAD_H
#define BENCH_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/**
 * enum payload_mode - what both sides do with the bytes of a message
 * @PAYLOAD_NOTIFY: nothing, but for the first word
 * @PAYLOAD_TOUCH: the sender writes all of them, the receiver reads all
 * @PAYLOAD_VERIFY: likewise; and every message is compared, byte for byte
 */
enum payload_mode {
	PAYLOAD_NOTIFY,
	PAYLOAD_TOUCH,
	PAYLOAD_VERIFY,
	PAYLOAD_NR,
};

typedef uint64_t __attribute__((may_alias)) payload_word;

/* Two words at a time: the pattern shall cost less than what it is to measure */
typedef uint64_t __attribute__((may_alias, vector_size(16), aligned(8))) payload_pair;

static inline uint64_t payload_tag(uint64_t seq, int direction)
{
	return seq * 2 + (unsigned int)direction;
}

/* A different one for each tag: the factor is odd */
#define PAYLOAD_FACTOR	0x9e3779b97f4a7c15ull

static inline uint64_t payload_base(uint64_t tag)
{
	return (tag + 1) * PAYLOAD_FACTOR;
}

/**
 * payload_write() - build a message
 * @msg: 8-aligned
 * @size: bytes, at least 1; of the last word only the low part may fit
 */
static inline void payload_write(enum payload_mode mode, void *msg, size_t size,
				 uint64_t tag)
{
	uint64_t base = payload_base(tag), last;
	size_t words = size / 8, i;
	payload_word *w = msg;
	payload_pair low = { base, base + 1 }, high = { base + 2, base + 3 };

	if (mode == PAYLOAD_NOTIFY && words) {
		w[0] = base;
		return;
	}
	for (i = 0; i + 4 <= words; i += 4, low += 4, high += 4) {
		*(payload_pair *)(w + i) = low;
		*(payload_pair *)(w + i + 2) = high;
	}
	for (; i < words; i++)
		w[i] = base + i;
	if (size % 8) {
		last = base + words;
		memcpy(w + words, &last, size % 8);
	}
}

/**
 * payload_read() - read a message
 *
 * Return: true when it is, as far as the sum can tell, the one with this tag.
 */
static inline bool payload_read(enum payload_mode mode, const void *msg,
				size_t size, uint64_t tag)
{
	uint64_t base = payload_base(tag), last, sum;
	const payload_word *w = msg;
	size_t words = size / 8, i;
	payload_pair low = { 0 }, high = { 0 };

	if (mode == PAYLOAD_NOTIFY && words)
		return w[0] == base;
	for (i = 0; i + 4 <= words; i += 4) {
		low += *(const payload_pair *)(w + i);
		high += *(const payload_pair *)(w + i + 2);
	}
	low += high;
	sum = low[0] + low[1];
	for (; i < words; i++)
		sum += w[i];
	if (size % 8) {
		last = base + words;
		if (memcmp(w + words, &last, size % 8))
			return false;
	}
	/* The sum alone would take halves of the two neighbours for it. */
	return (!words || w[0] == base) &&
	       sum == words * base + words * (words - 1) / 2;
}

/**
 * payload_compare() - compare a message in full, or what @mode wrote of it
 *
 * Return: true when every byte is as it was written.
 */
bool payload_compare(enum payload_mode mode, const void *msg, size_t size,
		     uint64_t tag);

/**
 * payload_explain() - say what is wrong with a message
 * @why: out, text
 * @room: bytes at @why
 */
void payload_explain(const void *msg, size_t size, uint64_t tag, char *why,
		     size_t room);

#endif /* BENCH_PAYLOAD_H */
