/* SPDX-License-Identifier: GPL-2.0 */
/* What users have, and may have, for people and for programs. */
#ifndef IPCCHAN_CLI_QUOTA_H
#define IPCCHAN_CLI_QUOTA_H

#include <jansson.h>

#include "nl.h"

/** quotas_json() - an array of objects; a new reference, NULL when memory is short */
json_t *quotas_json(const struct nl_quota *quotas, size_t n);

/**
 * quotas_print() - a table to the standard output
 * @numeric: numbers, not names, of users
 *
 * Return: 0; -ENOMEM.
 */
int quotas_print(const struct nl_quota *quotas, size_t n, bool numeric);

#endif /* IPCCHAN_CLI_QUOTA_H */
