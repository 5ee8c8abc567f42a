/* SPDX-License-Identifier: GPL-2.0 */
/* A channel for people and for programs. */
#ifndef IPCCHAN_CLI_CHAN_FORMAT_H
#define IPCCHAN_CLI_CHAN_FORMAT_H

#include <stdio.h>

#include <jansson.h>

#include "nl.h"

#define NAME_TEXT_SIZE	(4 * IPCCHAN_NAME_SIZE)
#define SIZE_TEXT_SIZE	32
#define OPTIONS_TEXT_SIZE	128

/**
 * safe_text() - text of others, fit for a terminal
 * @in: up to a 0
 * @out: out, 4 * strlen(@in) + 1 bytes; what is no printable UTF-8 becomes \xNN
 */
void safe_text(const char *in, char *out);

/**
 * chan_name_text() - a channel's name, fit for a terminal
 * @text: out; "-" for none, bytes that are not UTF-8 become \xNN
 */
void chan_name_text(const struct nl_chan *chan, char text[NAME_TEXT_SIZE]);

/**
 * size_text() - bytes for people: "64 KiB", "1.5 MiB", "100 B"
 */
void size_text(uint64_t bytes, char text[SIZE_TEXT_SIZE]);

/** time_text() - nanoseconds for people: "20 us", "1.5 ms", "0 ns" */
void time_text(uint64_t ns, char text[SIZE_TEXT_SIZE]);

/**
 * chan_options_text() - "hangup,timestamp"; "-" for none
 */
void chan_options_text(const struct nl_chan *chan, char text[OPTIONS_TEXT_SIZE]);

/**
 * chan_owner_text() - "user:group", numbers where there is no name
 * @size: bytes at @text
 */
void chan_owner_text(const struct nl_chan *chan, char *text, size_t size);

/**
 * chan_stat_name() - name of a counter, as in JSON: "sent", "sent_bytes"
 * @stat: enum ipcchan_attr_stats, IPCCHAN_A_STATS_SENT to IPCCHAN_A_STATS_MAX
 */
const char *chan_stat_name(int stat);

/**
 * chan_json() - a channel as an object, units in the names of the fields
 * @stats: with the counters
 *
 * Return: a new reference; NULL when memory is short.
 */
json_t *chan_json(const struct nl_chan *chan, bool stats);

/**
 * json_print() - print to the standard output, with a newline
 * @verb: argv[0] of the verb, for messages
 * @json: reference is taken; NULL is reported as memory shortage
 * @pretty: over several lines, indented
 *
 * Return: an exit status.
 */
int json_print(const char *verb, json_t *json, bool pretty);

#endif /* IPCCHAN_CLI_CHAN_FORMAT_H */
