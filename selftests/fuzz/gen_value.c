// SPDX-License-Identifier: GPL-2.0
#include "abi.h"
#include "gen.h"
#include "mem.h"
#include "names.h"

/* One value in so many makes no sense. */
#define HOSTILE		60

/* All that is in the programs is a number of a page or two, so that they meet. */
#define PAGE		4096U

static uint64_t any_number(struct random *r)
{
	static const uint64_t numbers[] = {
		0, 1, 2, 3, 4, 7, 8, 63, 64, 255, 4095, 4096, 65535, 0x7fffffff, 0x80000000,
		0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000, ~0ULL, ~1ULL,
	};
	uint32_t i = random_below(r, sizeof(numbers) / sizeof(*numbers) + 4);

	if (i < sizeof(numbers) / sizeof(*numbers))
		return numbers[i];
	return random_next(r) >> random_below(r, 64);
}

static uint64_t size_value(struct random *r)
{
	static const uint64_t sizes[] = {
		0, 0, 1, 4, 8, 16, 63, 64, 65, 100, 128, 129, 500, 1000, 2048, 4000, 4095, 4096,
		4097, 8192, 16384, 40000, 65535, 65536, 65537, DATA_SIZE, DATA_SIZE + 1,
		0x1000000, 0x1000001, 0x10000000, 0x10000001,
	};
	uint32_t i = random_below(r, 2 * sizeof(sizes) / sizeof(*sizes));

	if (i < sizeof(sizes) / sizeof(*sizes))
		return sizes[i];
	return 1 + random_below(r, 200);
}

static uint64_t pages_value(struct random *r)
{
	static const uint64_t sizes[] = {
		2 * PAGE, 3 * PAGE, 4 * PAGE, 5 * PAGE, 8 * PAGE, 16 * PAGE, 32 * PAGE, 65 * PAGE,
		0x200000, 0x201000, 0x400000,
	};

	switch (random_below(r, 8)) {
	case 0:
	case 1:
		return 0;
	case 2:
	case 3:
		return PAGE;
	case 4:
		return 1 + random_below(r, 5 * PAGE);
	case 5:
		return random_one_in(r, 30) ? any_number(r) : 2 * PAGE;
	default:
		return sizes[random_below(r, sizeof(sizes) / sizeof(*sizes) - 3 *
					     !random_one_in(r, 10))];
	}
}

static uint64_t count_value(struct random *r)
{
	static const uint32_t counts[] = {
		31, 32, 63, 64, 65, MSGS_MAX, MSGS_MAX + 1, 512, 1023, 1024, 1025, 4095, 4096,
		16384, 16385, 1000000, 1000001, 0x100000, 0x100001, 0xffffffff,
	};

	if (random_below(r, 8))
		return random_below(r, 5);
	if (random_below(r, 3))
		return 5 + random_below(r, 12);
	return counts[random_below(r, sizeof(counts) / sizeof(*counts))];
}

static uint64_t time_value(struct random *r)
{
	switch (random_below(r, 8)) {
	case 0:
		return IPCCHAN_WAIT_FOREVER;
	case 1:
		return TIME_FROM_NOW | random_below(r, 1000000);
	case 2:
		return random_below(r, 1000000);
	case 3:
		return random_one_in(r, 4) ? any_number(r) : random_below(r, 50000);
	default:
		return 0;
	}
}

static uint64_t flags_value(struct random *r, uint64_t mask)
{
	uint64_t flags = mask & random_next(r) & random_next(r);

	if (random_one_in(r, 3))
		flags = 0;
	return random_one_in(r, HOSTILE) ? flags ^ 1ULL << random_below(r, 32) : flags;
}

/* Most places are the beginning of what is meant for it. */
static uint64_t ptr_value(struct random *r, uint32_t meant)
{
	static const uint16_t steps[] = {
		[AT_MSGS] = sizeof(struct ipcchan_msghdr), [AT_IOVS] = 16, [AT_OFFS] = 8,
		[AT_FDS] = 4, [AT_DATA] = 256, [AT_MAP] = 4096,
	};

	if (random_one_in(r, HOSTILE / 2))
		return PTR(random_below(r, AT_NR), random_below(r, 2 * PAGE));
	if (random_one_in(r, HOSTILE / 2))
		return PTR(AT_END, random_below(r, 200));
	if (meant == AT_DATA && random_one_in(r, 12))
		return PTR(random_one_in(r, 2) ? AT_NULL : AT_MAP + random_below(r, 3),
			   random_below(r, 8) * PAGE);
	if (meant == AT_SCRATCH)
		return PTR(meant, 0);
	if (meant == AT_MAP)
		return PTR(meant + random_below(r, 3), random_below(r, 3) * PAGE);
	return PTR(meant, (uint64_t)steps[meant] * (random_one_in(r, 20) ?
			  random_below(r, MSGS_MAX) : random_below(r, 5)));
}

/* A slot that a descriptor of such a kind was put in, mostly */
static uint64_t fd_value(struct random *r, uint64_t kinds, const struct prog *before)
{
	uint8_t slots[PROG_CALLS * 2];
	unsigned int i, j, nr = 0;

	for (i = 0; i < before->nr; i++) {
		const struct op *op = &ops[before->call[i].op];

		for (j = 0; j < op_args(op); j++)
			if (op->arg[j].kind == ARG_NEW && op->arg[j].info & kinds &&
			    nr < sizeof(slots))
				slots[nr++] = before->call[i].arg[j] % FD_SLOTS;
	}
	if (!nr || random_one_in(r, HOSTILE))
		return random_below(r, FD_SLOTS);
	return slots[random_below(r, nr)];
}

/* Also of words, and then a multiple of four; behind the end of what it is of at times */
static uint64_t index_value(struct random *r, uint32_t nr)
{
	uint32_t i = random_below(r, nr);

	switch (random_below(r, 24)) {
	case 0:
		return any_number(r);
	case 1:
		return pages_value(r);
	default:
		return random_one_in(r, 3) ? 4 * i : i;
	}
}

uint64_t gen_value(struct random *r, const struct arg *arg, const struct prog *before)
{
	switch (arg->kind) {
	case ARG_FD:
		return fd_value(r, arg->info, before);
	case ARG_FD_NUMBER:
		return random_below(r, 4) ? 0 : fd_value(r, arg->info, before);
	case ARG_NEW:
		return random_below(r, random_one_in(r, 4) ? FD_SLOTS : 8);
	case ARG_MAP:
		return random_below(r, random_one_in(r, 8) ? MAP_SLOTS : 2);
	case ARG_PTR:
		return ptr_value(r, arg->info);
	case ARG_FLAGS:
		return flags_value(r, arg->info);
	case ARG_ENUM:
		return random_one_in(r, HOSTILE) ? any_number(r) : random_below(r, arg->info);
	case ARG_INDEX:
		return index_value(r, arg->info);
	case ARG_SIZE:
		return random_one_in(r, HOSTILE) ? any_number(r) : size_value(r);
	case ARG_PAGES:
		return pages_value(r);
	case ARG_COUNT:
		return random_one_in(r, HOSTILE) ? any_number(r) : count_value(r);
	case ARG_NUMBER:
		return any_number(r);
	case ARG_NAME:
		return random_one_in(r, HOSTILE) ? random_below(r, NAMES) : random_below(r, 4);
	case ARG_TIME:
		return time_value(r);
	case ARG_MSG:
		return random_below(r, 5);
	default:
		return random_one_in(r, HOSTILE) ? any_number(r) : 0;
	}
}
