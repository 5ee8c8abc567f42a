// SPDX-License-Identifier: GPL-2.0
#include "clock.h"

#include <math.h>
#include <stdlib.h>

#define READINGS	4096
#define ROUNDS		7

/* Shorter than either of these, and the clock is too large a part of it */
#define SHORT_NS	100.0
#define SHORT_READINGS	10.0

/* How far a count of instructions may be off: by a reading, and the TSC's calibration */
#define INSN_TOLERANCE	0.01

static double measure_cost(void)
{
	double best = INFINITY;
	int round, i;

	for (round = 0; round < ROUNDS; round++) {
		uint64_t start = clock_ns();
		double cost;

		for (i = 0; i < READINGS; i++)
			clock_ns();
		cost = (double)(clock_ns() - start) / (READINGS + 1);
		if (cost < best)
			best = cost;
	}
	return best;
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/*
 * Two readings are never closer than a reading takes, so the step shows in how
 * much the distances differ.  Work of varying length makes them differ.
 */
static uint64_t measure_quantum(void)
{
	uint64_t distance[READINGS], quantum = UINT64_MAX;
	volatile unsigned int work;
	unsigned int i;

	for (i = 0; i < READINGS; i++) {
		uint64_t start = clock_ns();

		for (work = 0; work < i % 64; work++)
			;
		distance[i] = clock_ns() - start;
	}
	qsort(distance, READINGS, sizeof(distance[0]), compare_u64);
	for (i = 0; i < READINGS; i++) {
		uint64_t step = distance[i] - (i ? distance[i - 1] : 0);

		if (step && step < quantum)
			quantum = step;
	}
	return quantum == UINT64_MAX ? 1 : quantum;
}

/*
 * Ten instructions a turn end well within a tick, so that of some tries one at
 * least is disturbed neither by the tick nor by what else the kernel runs.
 */
#define COUNTED_LOOPS	25000ul
#define TRIES		9

#if defined(__x86_64__)
#define TURN	"dec %0\n\tjnz 1b"
#elif defined(__aarch64__)
#define TURN	"subs %0, %0, #1\n\tb.ne 1b"
#endif

#ifdef TURN
#define NOPS8	"nop\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n\t"

static uint64_t time_loop(bool nops)
{
	uint64_t best = UINT64_MAX;
	int round;

	for (round = 0; round < TRIES; round++) {
		unsigned long n = COUNTED_LOOPS;
		uint64_t start = clock_ns(), took;

		if (nops)
			__asm__ volatile("1:\n\t" NOPS8 TURN : "+r"(n) : : "cc");
		else
			__asm__ volatile("1:\n\t" TURN : "+r"(n) : : "cc");
		took = clock_ns() - start;
		if (took < best)
			best = took;
	}
	return best;
}

static bool is_count(uint64_t ns, unsigned long insns)
{
	return fabs((double)ns / (double)insns - 1.0) <= INSN_TOLERANCE;
}

/*
 * Two loops of 2 and of 10 instructions.  A real CPU that takes as many
 * nanoseconds as the first has instructions does not take five times that for
 * the second: nops are all but free.
 */
static bool counts_instructions(void)
{
	return is_count(time_loop(false), 2 * COUNTED_LOOPS) &&
	       is_count(time_loop(true), 10 * COUNTED_LOOPS);
}
#else
static bool counts_instructions(void)
{
	return false;
}
#endif

void clock_measure(struct clock_info *info)
{
	info->cost_ns = measure_cost();
	info->quantum_ns = measure_quantum();
	info->instructions = counts_instructions();
}

uint32_t clock_batch(const struct clock_info *info, double mean_ns)
{
	double least = fmax(SHORT_NS, SHORT_READINGS * info->cost_ns);

	if (mean_ns >= least)
		return 1;
	return (uint32_t)ceil(2 * least / fmax(mean_ns, 1));
}
