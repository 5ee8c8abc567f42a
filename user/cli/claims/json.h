/* SPDX-License-Identifier: GPL-2.0 */
/* Claims for programs. */
#ifndef CLAIMS_JSON_H
#define CLAIMS_JSON_H

#include <jansson.h>

#include "claim.h"

#define CLAIMS_SCHEMA	"ipcchan-claims/1"

struct lab;

/**
 * claims_json() - all that is known of some claims
 * @lab: as after lab_end(); NULL for what others have measured
 *
 * Return: a new reference; NULL when memory is short.
 */
json_t *claims_json(const struct lab *lab, const struct claim_result *results, size_t n);

/**
 * claims_load() - what an earlier run has measured, from its JSON
 * @path: of a file; "-" for the standard input
 * @results: out, CLAIMS_NR of them
 * @n: out, how many
 * @verb: argv[0] of the verb, for errors
 *
 * Return: EXIT_OK; EXIT_USAGE or EXIT_SYSTEM, with a message.
 */
int claims_load(const char *path, struct claim_result *results, size_t *n, const char *verb);

#endif /* CLAIMS_JSON_H */
