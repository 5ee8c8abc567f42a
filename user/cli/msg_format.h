/* SPDX-License-Identifier: GPL-2.0 */
/* A received message for people and for programs. */
#ifndef IPCCHAN_CLI_MSG_FORMAT_H
#define IPCCHAN_CLI_MSG_FORMAT_H

#include "source.h"

/**
 * msg_header_text() - its header as one line: "[prio=0 type=0 ... len=5]\n"
 *
 * Return: to be freed by the caller; NULL when memory is short.
 */
char *msg_header_text(const struct source_msg *msg);

/**
 * msg_json_text() - the message as one line of JSON, units in the names of the
 * fields, bytes as "text" when they are UTF-8, else as "base64"
 *
 * Return: as msg_header_text().
 */
char *msg_json_text(const struct source_msg *msg);

#endif /* IPCCHAN_CLI_MSG_FORMAT_H */
