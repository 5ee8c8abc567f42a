/* SPDX-License-Identifier: GPL-2.0 */
/* What the targets for libFuzzer share: the input is taken bit by bit. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

#define CHECK(cond)	do { if (!(cond)) __builtin_trap(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *input;
static size_t input_left;

static inline uint64_t take(size_t bytes)
{
	uint64_t value = 0;

	while (bytes-- && input_left) {
		value = value << 8 | *input++;
		input_left--;
	}
	return value;
}

static volatile unsigned char sink;

/* all the bytes of a message, under the eyes of AddressSanitizer */
static inline void read_all(const void *msg, size_t len)
{
	const volatile unsigned char *bytes = msg;

	while (len--)
		sink = bytes[len];
}

#endif /* FUZZ_H */
