// SPDX-License-Identifier: MIT
/* What to do with lines that were read: see <ipcchan/writeback.h>. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "writeback.h"

#define WAYS		IPCCHAN_WRITEBACK_PROBE
#define ROUNDS		IPCCHAN_WRITEBACK_ROUNDS

/* so far away that no position gets there */
#define NEVER		(UINT64_MAX / 4)

/*
 * Rounds after which a choice is looked at again: where the two run may change, and
 * it with what pays.  A probe takes up to 40, some of them slow,
 * and those that are not measured.
 */
#define AGAIN_ROUNDS	8192

/* a round that takes longer tells more: of such, two of each way are measured */
#define LONG_NS		1000000
#define LONG_ROUNDS	2

/* so many rounds in which there was nothing for a while end a probe without a choice */
#define IDLE_ROUNDS	40

/*
 * What is done must be faster by this part of the time: noise is not to decide.  Nor is a
 * round of which more was idle.
 */
#define GAIN_PART	8

uint32_t ipcchan_writer_cpu(void)
{
	uint32_t usable = 1U << IPCCHAN_WRITEBACK_OFF;
#if defined(__x86_64__)
	/* a guest leaves to its hypervisor for it, so it is asked once */
	static uint32_t known;
	unsigned int eax, ebx, ecx, edx;

	usable = __atomic_load_n(&known, __ATOMIC_RELAXED);
	if (usable)
		return usable;
	usable = 1U << IPCCHAN_WRITEBACK_OFF;
	if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) {
		if (ebx & bit_CLWB)
			usable |= 1U << IPCCHAN_WRITEBACK_CLWB;
		if (ebx & bit_CLFLUSHOPT)
			usable |= 1U << IPCCHAN_WRITEBACK_CLFLUSHOPT;
		if (ecx & bit_CLDEMOTE)
			usable |= 1U << IPCCHAN_WRITEBACK_CLDEMOTE;
	}
	__atomic_store_n(&known, usable, __ATOMIC_RELAXED);
#endif
	return usable;
}

static void use(struct ipcchan_writer *writer, uint32_t how, uint64_t pos)
{
	writer->how = how;
	writer->from = pos & ~UINT64_C(63);
}

/* Do @how from now on, for @bytes */
static void settle(struct ipcchan_writer *writer, uint32_t how, uint64_t pos,
		   uint64_t bytes)
{
	use(writer, how, pos);
	writer->probing = 0;
	writer->next = pos + bytes;
}

/* Begin with what costs nothing, at @next */
static void start(struct ipcchan_writer *writer, uint64_t pos, uint64_t next)
{
	writer->before = (uint8_t)writer->how;
	writer->idle = 0;
	use(writer, IPCCHAN_WRITEBACK_OFF, pos);
	writer->usable = writer->ways;
	writer->probing = 1;
	writer->step = 0;
	writer->rounds = ROUNDS;
	writer->next = next;
}

int ipcchan_writer_set(struct ipcchan_writer *writer, enum ipcchan_writeback how,
		       uint32_t usable, uint64_t pos)
{
	if ((uint32_t)how > IPCCHAN_WRITEBACK_PROBE)
		return -EINVAL;
	if (how != IPCCHAN_WRITEBACK_PROBE && !(usable & 1U << how))
		return -EOPNOTSUPP;
	memset(writer, 0, sizeof(*writer));
	if (how != IPCCHAN_WRITEBACK_PROBE ||
	    usable == 1U << IPCCHAN_WRITEBACK_OFF) {
		settle(writer, how % IPCCHAN_WRITEBACK_PROBE, pos, NEVER);
		return 0;
	}
	writer->ways = usable;
	start(writer, pos, pos);
	return 0;
}

static uint32_t median(const uint32_t *took)
{
	uint32_t sorted[ROUNDS], value;
	int i, j;

	for (i = 0; i < ROUNDS; i++) {
		value = took[i];
		for (j = i; j > 0 && sorted[j - 1] > value; j--)
			sorted[j] = sorted[j - 1];
		sorted[j] = value;
	}
	return sorted[ROUNDS / 2];
}

static uint32_t faster_of_two(const uint32_t *took)
{
	return took[0] < took[1] ? took[0] : took[1];
}

static uint32_t typical(const struct ipcchan_writer *writer, uint32_t how)
{
	const uint32_t *took = writer->took_ns[how];

	return writer->rounds == LONG_ROUNDS ? faster_of_two(took) : median(took);
}

/* Return: what pays */
static uint32_t best(const struct ipcchan_writer *writer)
{
	uint64_t off = typical(writer, IPCCHAN_WRITEBACK_OFF), took;
	uint64_t least = off - off / GAIN_PART;
	uint32_t how, found = IPCCHAN_WRITEBACK_OFF;

	for (how = 1; how < WAYS; how++) {
		if (!(writer->usable & 1U << how))
			continue;
		took = typical(writer, how);
		if (took < least) {
			least = took;
			found = how;
		}
	}
	return found;
}

/* After two rounds: is @how so bad that it is not tried again? */
static bool hopeless(const struct ipcchan_writer *writer, uint32_t how)
{
	uint64_t off = faster_of_two(writer->took_ns[IPCCHAN_WRITEBACK_OFF]);

	return how != IPCCHAN_WRITEBACK_OFF &&
	       faster_of_two(writer->took_ns[how]) > off + off / GAIN_PART;
}

void ipcchan_writer_idle(struct ipcchan_writer *writer, int64_t ns)
{
	if (ns > INT64_MAX - writer->idle_ns)
		ns = INT64_MAX - writer->idle_ns;
	writer->idle_ns += ns;
}

static void measure(struct ipcchan_writer *writer, int64_t now_ns)
{
	writer->start_ns = now_ns;
	writer->idle_ns = 0;
}

/* A round was not to be measured: what was done in it is measured in the next one. */
static void again(struct ipcchan_writer *writer, uint64_t pos, uint64_t round,
		  int64_t now_ns)
{
	measure(writer, now_ns);
	if (++writer->idle == IDLE_ROUNDS)
		settle(writer, writer->before, pos, AGAIN_ROUNDS * round);
}

/*
 * Steps come in pairs: an even one ends a round that has passed, an odd one ends
 * one that was measured, and says what is done next.
 */
void ipcchan_writer_step(struct ipcchan_writer *writer, uint64_t pos,
			 uint64_t round, int64_t now_ns)
{
	uint32_t turn = writer->step / 2, how = turn % WAYS;
	int64_t took = now_ns - writer->start_ns;

	if (!writer->ways) {
		/* NEVER is reached, after some centuries */
		writer->next = pos + NEVER;
		return;
	}
	if (!writer->probing) {
		start(writer, pos, pos + round);
		return;
	}
	writer->next = pos + round;
	if (writer->step % 2 == 0) {
		writer->step++;
		measure(writer, now_ns);
		return;
	}
	if (writer->idle_ns > took / GAIN_PART) {
		again(writer, pos, round, now_ns);
		return;
	}
	took -= writer->idle_ns;
	writer->took_ns[how][turn / WAYS] = took < 0 || took > UINT32_MAX ?
					    UINT32_MAX : (uint32_t)took;
	if (!turn && took > LONG_NS)
		writer->rounds = LONG_ROUNDS;
	if (turn / WAYS == 1 && hopeless(writer, how))
		writer->usable &= ~(1U << how);
	do {
		turn++;
	} while (!(writer->usable & 1U << turn % WAYS));
	writer->step = (uint8_t)(2 * turn);
	if (turn / WAYS < writer->rounds)
		use(writer, turn % WAYS, pos);
	else
		settle(writer, best(writer), pos, AGAIN_ROUNDS * round);
}
