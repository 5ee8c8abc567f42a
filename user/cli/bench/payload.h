/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the messages hold.  The first word is a tag, made of the sequence number
 * and the direction; word i after it is a number drawn from the tag, plus i.
 * So a message that was lost, repeated, taken from the other direction or
 * altered differs, and the sum of all words is known without writing them.
 */
#ifndef BENCH_PAYLOAD_H
#define BENCH_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/**
 * enum payload_mode - what both sides do with the bytes of a message
 * @PAYLOAD_NOTIFY: nothing, but for the tag
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

static inline uint64_t payload_base(uint64_t tag)
{
	return (tag + 1) * 0x9e3779b97f4a7c15ull;
}

/**
 * payload_write() - build a message
 * @msg: 8-aligned
 * @size: bytes, at least 1; of fewer than 8 only the low part of the tag fits
 */
static inline void payload_write(enum payload_mode mode, void *msg, size_t size,
				 uint64_t tag)
{
	uint64_t base = payload_base(tag), last;
	size_t words = size / 8, i;
	payload_word *w = msg;
	payload_pair low = { base + 1, base + 2 }, high = { base + 3, base + 4 };

	if (words)
		w[0] = tag;
	else
		memcpy(msg, &tag, size);
	if (mode == PAYLOAD_NOTIFY || !words)
		return;
	for (i = 1; i + 4 <= words; i += 4, low += 4, high += 4) {
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
	uint64_t base = payload_base(tag), last, sum, want;
	const payload_word *w = msg;
	size_t words = size / 8, i;
	payload_pair low = { 0 }, high = { 0 };

	if (!words)
		return memcmp(msg, &tag, size) == 0;
	if (mode == PAYLOAD_NOTIFY)
		return w[0] == tag;
	for (i = 1; i + 4 <= words; i += 4) {
		low += *(const payload_pair *)(w + i);
		high += *(const payload_pair *)(w + i + 2);
	}
	low += high;
	sum = low[0] + low[1];
	for (; i < words; i++)
		sum += w[i];
	want = (words - 1) * base + words * (words - 1) / 2;
	if (size % 8) {
		last = base + words;
		if (memcmp(w + words, &last, size % 8))
			return false;
	}
	return w[0] == tag && sum == want;
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
