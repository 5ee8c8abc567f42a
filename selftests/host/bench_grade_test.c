// SPDX-License-Identifier: GPL-2.0
/* The grade of a machine, by what is known of it. */
#include <stdio.h>
#include <string.h>

#include "bench/env_grade.h"

/* What is not given is as on a machine without a fault */
#define QUIET							\
	.clock = { .cost_ns = 20, .quantum_ns = 1 }, .cpus = 4, .hypervisor = "", .boost = 0,	\
	.smt = 0, .idle_exit_us = -1, .used = { .over = true }

static const struct {
	struct env env;
	char letter;
	size_t reasons;
	const char *says;
} table[] = {
	{ { QUIET }, 'A', 0, NULL },
	{ { QUIET, .governor = "performance" }, 'A', 0, NULL },
	/* what nobody knows is no reason */
	{ { QUIET, .boost = -1, .smt = -1 }, 'A', 0, NULL },
	/* settings, and what to do about them */
	{ { QUIET, .governor = "powersave" }, 'C', 1, "-g performance" },
	{ { QUIET, .boost = 1 }, 'B', 1, "no_turbo" },
	{ { QUIET, .smt = 1 }, 'B', 1, "smt/control" },
	{ { QUIET, .idle_exit_us = 9 }, 'A', 0, NULL },
	{ { QUIET, .idle_exit_us = 10 }, 'B', 1, "cpu_dma_latency" },
	{ { QUIET, .hypervisor = "KVMKVMKVM" }, 'B', 1, "KVMKVMKVM" },
	{ { QUIET, .real_time = 2, .real_time_names = "jackd" }, 'B', 1, "jackd" },
	/* where the CPUs lie */
	{ { QUIET, .moved = 1 }, 'C', 1, "after the benchmark" },
	{ { QUIET, .mislabelled = 1 }, 'C', 1, "topology" },
	/* who had the CPUs: the bounds */
	{ { QUIET, .used = { .over = true, .steal = 0.0009 } }, 'A', 0, NULL },
	{ { QUIET, .used = { .over = true, .steal = 0.001 } }, 'B', 1, "steal" },
	{ { QUIET, .used = { .over = true, .steal = 0.01 } }, 'C', 1, "1.0 %" },
	{ { QUIET, .used = { .over = true, .steal = 0.05 } }, 'D', 1, "5.0 %" },
	{ { QUIET, .used = { .over = true, .others = 0.009 } }, 'A', 0, NULL },
	{ { QUIET, .used = { .over = true, .others = 0.01 } }, 'B', 1, "other programs" },
	{ { QUIET, .used = { .over = true, .others = 0.05 } }, 'C', 1, "other programs" },
	{ { QUIET, .used = { .over = true, .others = 0.2 } }, 'D', 1, "20.0 %" },
	{ { QUIET, .used = { .over = true, .swapped = 3 } }, 'C', 1, "3 pages" },
	/* before it ran there is only who wants a CPU; after it, only who had one */
	{ { QUIET, .used = { .over = false }, .waiting = 1 }, 'C', 1, "want a CPU" },
	{ { QUIET, .waiting = 1 }, 'A', 0, NULL },
	/* the clock */
	{ { QUIET, .clock = { .cost_ns = 700, .quantum_ns = 1 }, .clocksource = "hpet" }, 'C', 1,
	  "hpet" },
	{ { QUIET, .clock = { .cost_ns = 20, .quantum_ns = 256 } }, 'C', 1, "256 ns" },
	/* the worst counts, and all are told */
	{ { QUIET, .boost = 1, .governor = "schedutil", .used = { .over = true, .steal = 0.2 } },
	  'D', 3, "schedutil" },
	/* an emulator's times are none of a machine, whatever else is well */
	{ { QUIET, .hypervisor = "TCGTCGTCGTCG", .doubt = "the CPU is emulated", .moved = 1 },
	  'F', 1, "the CPU is emulated" },
	{ { QUIET, .doubt = "the clock counts instructions", .used = { .over = true, .steal = 1 },
	    .clock = { .cost_ns = 900, .quantum_ns = 1000, .instructions = true } }, 'F', 2,
	  "counts instructions" },
};

int main(void)
{
	size_t i, j, n = sizeof(table) / sizeof(table[0]);
	int failed = 0;

	printf("TAP version 13\n");
	for (i = 0; i < n; i++) {
		const struct env_grade grade = env_grade(&table[i].env);
		bool says = !table[i].says;
		bool good;

		for (j = 0; table[i].says && j < grade.n; j++)
			says |= !!strstr(grade.reasons[j], table[i].says);
		good = grade.letter == table[i].letter && grade.n == table[i].reasons && says;
		failed += !good;
		printf("%sok %zu - grade %c, %zu reasons: %s\n", good ? "" : "not ", i + 1,
		       grade.letter, grade.n, grade.n ? grade.reasons[0] : "none");
	}
	printf("1..%zu\n", n);
	return failed != 0;
}
