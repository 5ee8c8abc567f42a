/* SPDX-License-Identifier: GPL-2.0 */
/* Endpoints and their blocks for people and for programs. */
#ifndef IPCCHAN_CLI_EP_FORMAT_H
#define IPCCHAN_CLI_EP_FORMAT_H

#include <jansson.h>

#include "nl.h"

/** ep_role_text() - "send", "recv", "send,recv" */
const char *ep_role_text(uint32_t role);

/**
 * ep_json() - an endpoint as an object, with the command of its process
 *
 * Return: a new reference; NULL when memory is short.
 */
json_t *ep_json(const struct nl_ep *ep);

/** eps_json() - an array of them */
json_t *eps_json(const struct nl_ep *eps, size_t n);

/** loans_json() - an array of blocks, likewise */
json_t *loans_json(const struct nl_loan *loans, size_t n);

/**
 * eps_print() - a table of endpoints to the standard output, nothing for none
 * @names: with the names of their channels
 * @numeric: numbers, not names, of users
 *
 * Return: 0; -ENOMEM.
 */
int eps_print(const struct nl_ep *eps, size_t n, bool names, bool numeric);

/** loans_print() - a table of blocks, likewise */
int loans_print(const struct nl_loan *loans, size_t n);

#endif /* IPCCHAN_CLI_EP_FORMAT_H */
