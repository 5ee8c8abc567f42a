/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ledger: what messages cost beside time, counted by the kernel and the CPU.  What
 * nothing counts here is not known, and is not made up.
 */
#ifndef BENCH_LEDGER_H
#define BENCH_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

/**
 * enum ledger_item - of all processes together
 * @LEDGER_CALLS: system calls; to count them makes each slower, as what the PMU counts does
 *	each context switch, so this is done in a run of its own
 * @LEDGER_VOLUNTARY: context switches of one that waits
 * @LEDGER_INVOLUNTARY: of one that would have gone on
 * @LEDGER_FAULTS: page faults, minor and major
 * @LEDGER_CPU_NS: CPU time, which the scheduler knows
 * @LEDGER_USER_NS: CPU time in user space; the kernel looks where a process is at each of its
 *	ticks, and this is known when there were enough of them
 * @LEDGER_SYSTEM_NS: CPU time in the kernel, likewise
 * @LEDGER_INSTRUCTIONS: of the CPU, where there is a PMU, in user space and kernel
 * @LEDGER_CYCLES: likewise
 * @LEDGER_CACHE_MISSES: likewise, of the last level
 * @LEDGER_NANOJOULES: that the whole processor took meanwhile, whoever used it
 */
enum ledger_item {
	LEDGER_CALLS,
	LEDGER_VOLUNTARY,
	LEDGER_INVOLUNTARY,
	LEDGER_FAULTS,
	LEDGER_CPU_NS,
	LEDGER_USER_NS,
	LEDGER_SYSTEM_NS,
	LEDGER_INSTRUCTIONS,
	LEDGER_CYCLES,
	LEDGER_CACHE_MISSES,
	LEDGER_NANOJOULES,
	LEDGER_NR,
};

/**
 * struct ledger - of some messages
 * @known: bit mask of 1 << enum ledger_item
 * @value: of those that are
 */
struct ledger {
	unsigned int known;
	uint64_t value[LEDGER_NR];
};

/**
 * struct ledger_sum - of several runs
 * @messages: that each value is about, 0 where none is known
 */
struct ledger_sum {
	uint64_t value[LEDGER_NR];
	uint64_t messages[LEDGER_NR];
};

/* The counters of a process that are open */
struct ledger_counters {
	int fd[LEDGER_NR];
	struct ledger start;
};

/** ledger_can_count() - can this process count what needs a run of its own? */
bool ledger_can_count(void);

/**
 * ledger_hold() - switch on what system calls are counted by, before processes count theirs
 *
 * To switch it on and off the kernel changes its code under all CPUs: not while the processes
 * of a run are in it.  An emulated CPU may stay in such an instruction for ever.
 *
 * Return: to be closed when they have ended, or -1.
 */
int ledger_hold(void);

/**
 * ledger_open() - make what counts this process
 * @counts: what needs a run of its own, and nothing else
 * @energy: that of the processor, too, for which one process is enough
 *
 * Of a process with several threads those of their own run are not known.
 * Nothing is counted before ledger_start().  What cannot be counted is left out.
 */
void ledger_open(struct ledger_counters *counters, bool counts, bool energy);

/** ledger_prepare() - read what takes long to be read; soon ledger_start() follows */
void ledger_prepare(struct ledger_counters *counters);

/** ledger_start() - count from now on */
void ledger_start(struct ledger_counters *counters);

/**
 * ledger_stop() - count no more
 * @ledger: out, since ledger_start()
 */
void ledger_stop(struct ledger_counters *counters, struct ledger *ledger);

/**
 * ledger_add() - add what a run's processes have counted
 * @parts: of each, in any order; what not all of them know is not known, but for energy,
 *	for which one is enough
 * @nr: of @parts
 * @messages: of the run
 */
void ledger_add(struct ledger_sum *sum, const struct ledger *parts, unsigned int nr,
		uint64_t messages);

/** ledger_each() - of a message, or a round trip; false when it is not known */
bool ledger_each(const struct ledger_sum *sum, enum ledger_item item, double *value);

#endif /* BENCH_LEDGER_H */
