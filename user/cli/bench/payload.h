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

#ifdef __cplusplus
extern "C" {
#endif

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

/* Times it is 1: of a number it makes the tag again, plus 1 */
#define PAYLOAD_INVERSE	0xf1de83e19937733dull

/* From the number of a message to that of the next one in its direction */
#define PAYLOAD_NEXT	(2 * PAYLOAD_FACTOR)

/**
 * struct payload_form - what all messages of a run have in common
 * @mode: what is done with them
 * @whole: all of them is touched, and that is a multiple of four words, as mostly
 * @size: bytes, at least 1
 * @words: whole ones in there
 * @steps: sum of 0 to @words - 1: the sum of the words of a message whose number is 0
 */
struct payload_form {
	enum payload_mode mode;
	bool whole;
	size_t size;
	size_t words;
	uint64_t steps;
};

/** payload_form() - the form of messages of @size bytes */
struct payload_form payload_form(enum payload_mode mode, size_t size);

/* As payload_write() and payload_read(), for any form */
void payload_write_any(const struct payload_form *form, void *msg, uint64_t base);
bool payload_read_any(const struct payload_form *form, const void *msg, uint64_t base);

/**
 * payload_write() - build a message
 * @msg: 8-aligned
 * @base: payload_base() of its tag
 */
static inline void payload_write(const struct payload_form *form, void *msg,
				 uint64_t base)
{
	payload_pair low = (payload_pair){ base, base } + (payload_pair){ 0, 1 };
	payload_pair high = low + 2;
	payload_word *w = (payload_word *)msg, *end;

	if (!form->whole) {
		payload_write_any(form, msg, base);
		return;
	}
	end = w + form->words;
	do {
		*(payload_pair *)w = low;
		*(payload_pair *)(w + 2) = high;
		w += 4;
		low += 4;
		high += 4;
	} while (w < end);
}

/**
 * payload_read() - read a message
 * @msg: 8-aligned
 * @base: payload_base() of its tag
 *
 * Return: true when it is, as far as the sum can tell, the one with this tag.
 */
static inline bool payload_read(const struct payload_form *form, const void *msg,
				uint64_t base)
{
	payload_pair low = { 0, 0 }, high = { 0, 0 };
	const payload_word *w = (const payload_word *)msg, *end;

	if (!form->whole)
		return payload_read_any(form, msg, base);
	end = w + form->words;
	do {
		low += *(const payload_pair *)w;
		high += *(const payload_pair *)(w + 2);
		w += 4;
	} while (w < end);
	low += high;
	/* The sum alone would take halves of the two neighbours for it. */
	return *(const payload_word *)msg == base &&
	       low[0] + low[1] == form->words * base + form->steps;
}

/**
 * payload_compare() - compare a message in full, or what @mode wrote of it
 *
 * Return: true when every byte is as it was written.
 */
bool payload_compare(enum payload_mode mode, const void *msg, size_t size,
		     uint64_t tag);

/** payload_difference() - the first byte that differs; @size when none does */
size_t payload_difference(const void *msg, size_t size, uint64_t tag);

/**
 * payload_explain() - say what is wrong with a message
 * @why: out, text
 * @room: bytes at @why
 */
void payload_explain(const void *msg, size_t size, uint64_t tag, char *why,
		     size_t room);

#ifdef __cplusplus
}
#endif

#endif /* BENCH_PAYLOAD_H */
