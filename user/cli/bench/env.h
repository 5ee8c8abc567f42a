/* SPDX-License-Identifier: GPL-2.0 */
/* The machine that was measured on. */
#ifndef BENCH_ENV_H
#define BENCH_ENV_H

#include <jansson.h>

#include "clock.h"

/**
 * env_hypervisor() - what this machine runs on
 *
 * Return: as the hypervisor or emulator calls itself; "" on a bare machine, or
 * where nothing tells.
 */
const char *env_hypervisor(void);

/**
 * env_times_doubt() - why the times are not those of a machine
 *
 * Return: NULL when they are.
 */
const char *env_times_doubt(const struct clock_info *clock);

/**
 * env_describe() - all that is known of the machine
 * @cpus: that this process may use
 *
 * What cannot be found out is null.  Return: NULL when there is no memory.
 */
json_t *env_describe(const struct clock_info *clock, int cpus);

#endif /* BENCH_ENV_H */
