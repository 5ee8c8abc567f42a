/* SPDX-License-Identifier: GPL-2.0 */
/* Two processes that exchange messages, and may make no system call. */
#ifndef CLAIMS_BAN_H
#define CLAIMS_BAN_H

#include "lab.h"

/**
 * struct ban_seen
 * @messages: that came, in both directions together
 * @wanted: as many should have
 * @signal: SIGSYS, where it ended a process that made a call nevertheless; 0 where none did
 */
struct ban_seen {
	unsigned int messages;
	unsigned int wanted;
	int signal;
};

/**
 * ban_run() - let them
 * @transport: that has round trips, by its name
 *
 * Return: 0; negative errno with @lab->why filled.
 */
int ban_run(struct lab *lab, const char *transport, struct ban_seen *seen);

#endif /* CLAIMS_BAN_H */
