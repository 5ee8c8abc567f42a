/* SPDX-License-Identifier: GPL-2.0 */
/* A channel for people and for programs. */
#ifndef IPCCHAN_CLI_CHAN_FORMAT_H
#define IPCCHAN_CLI_CHAN_FORMAT_H

#include <stdio.h>

#include <jansson.h>

#include "nl.h"
#include "text.h"

#define NAME_TEXT_SIZE	(4 * IPCCHAN_NAME_SIZE)
#define OPTIONS_TEXT_SIZE	128
#define STAT_TITLE_SIZE	32
#define OWNER_TEXT_SIZE	(2 * USER_TEXT_SIZE)

/**
 * chan_name_text() - a channel's name, fit for a terminal
 * @text: out; "-" for none, else as text_safe()
 */
void chan_name_text(const struct nl_chan *chan, char text[NAME_TEXT_SIZE]);

/** chan_label_text() - likewise, but "id N" for one that has no name */
void chan_label_text(const struct nl_chan *chan, char text[NAME_TEXT_SIZE]);

/**
 * chan_options_text() - "hangup,timestamp"; "-" for none
 */
void chan_options_text(const struct nl_chan *chan, char text[OPTIONS_TEXT_SIZE]);

/** chan_owner_text() - "user:group", numbers where there is no name, or @numeric */
void chan_owner_text(const struct nl_chan *chan, bool numeric,
		     char text[OWNER_TEXT_SIZE]);

/**
 * chan_stat_name() - name of a counter, as in JSON: "sent", "sent_bytes"
 * @stat: enum ipcchan_attr_stats, IPCCHAN_A_STATS_SENT to IPCCHAN_A_STATS_MAX
 */
const char *chan_stat_name(int stat);

/** chan_stat_title() - of a column: "SENT-BYTES" */
void chan_stat_title(int stat, char title[STAT_TITLE_SIZE]);

/**
 * chan_json() - a channel as an object, units in the names of the fields
 * @stats: with the counters
 *
 * Return: a new reference; NULL when memory is short.
 */
json_t *chan_json(const struct nl_chan *chan, bool stats);

/** chan_stats_json() - the counters alone, likewise */
json_t *chan_stats_json(const struct nl_chan *chan);

/**
 * json_put() - print to the standard output, with a newline
 * @verb: argv[0] of the verb, for messages
 * @json: reference is taken; NULL is reported as memory shortage
 * @pretty: over several lines, indented
 *
 * Return: an exit status.
 */
int json_put(const char *verb, json_t *json, bool pretty);

/** json_print() - likewise, and push it out */
int json_print(const char *verb, json_t *json, bool pretty);

#endif /* IPCCHAN_CLI_CHAN_FORMAT_H */
