/* SPDX-License-Identifier: GPL-2.0 */
/* Claims for people. */
#ifndef CLAIMS_PRINT_H
#define CLAIMS_PRINT_H

#include "claim.h"

struct lab;

/** print_list() - what the claims are, without trying one */
void print_list(void);

/** print_head() - on what machine they are tried */
void print_head(const struct lab *lab);

/** print_result() - one, and what became of it; 0 or -ENOMEM */
int print_result(const struct claim_result *result);

/** print_sum() - how many of @n had which verdict */
void print_sum(const struct claim_result *results, size_t n);

#endif /* CLAIMS_PRINT_H */
