/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_ENV_JSON_H
#define BENCH_ENV_JSON_H

#include <jansson.h>

#include "env.h"

/**
 * env_json() - all that is known of the machine, and its grade
 *
 * What cannot be found out is null.  Return: NULL when there is no memory.
 */
json_t *env_json(const struct env *env);

#endif /* BENCH_ENV_JSON_H */
