/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How good a machine is for measuring, as a grade.  It is the worst of its reasons; where
 * there is none, A:
 *
 * F: the times are not those of a machine: it is emulated, or the clock counts instructions
 * D: 5 % of the CPUs' time or more was stolen by the hypervisor, or 20 % taken by other
 *    programs
 * C: 1 % stolen; 5 % taken; pages were swapped; others wanted a CPU before it began; the
 *    CPUs moved while it ran; the topology is not true; the governor changes the
 *    frequency; a reading of the clock takes 200 ns, or its step is 100 ns
 * B: 0.1 % stolen; 1 % taken; there is a hypervisor, or real-time tasks; the frequency is
 *    boosted; an idle state takes 10 us to leave; cores have two threads at work
 *
 * What the mitigations of the CPU's faults cost is a part of the machine, and no reason.
 */
#ifndef BENCH_ENV_GRADE_H
#define BENCH_ENV_GRADE_H

#include <stddef.h>

#include "env.h"

#define GRADE_REASONS	16
#define GRADE_REASON	224

/**
 * struct env_grade
 * @letter: 'A' to 'D', or 'F'
 * @reasons: sentences, each with what to do about it; @n of them
 */
struct env_grade {
	char letter;
	size_t n;
	char reasons[GRADE_REASONS][GRADE_REASON];
};

/**
 * env_grade() - grade a machine by what is known of it
 *
 * Before env_end() it is what the machine has deserved so far.
 */
struct env_grade env_grade(const struct env *env);

#endif /* BENCH_ENV_GRADE_H */
