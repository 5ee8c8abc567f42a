/* SPDX-License-Identifier: GPL-2.0 */
/* An event for people and for programs. */
#ifndef IPCCHAN_CLI_EVENT_FORMAT_H
#define IPCCHAN_CLI_EVENT_FORMAT_H

#include <stdio.h>

#include <jansson.h>

#include "nl.h"

/* How events are to be told. */
struct event_view {
	bool numeric;		/* no names of users */
	bool pids;		/* this process is in the initial PID namespace, as pids are */
	bool users;		/* and in the initial user namespace */
	int64_t realtime_ns;	/* CLOCK_REALTIME less CLOCK_MONOTONIC */
};

/** event_view_init() - fill in all but @numeric */
void event_view_init(struct event_view *view);

/** event_view_clock() - @realtime_ns anew: the clock may be set, the machine suspended */
void event_view_clock(struct event_view *view);

/** event_print() - one line, without a newline, that begins with the time of day */
void event_print(const struct nl_event *event, const struct event_view *view, FILE *out);

/**
 * event_json() - as an object; fields that the event does not have are absent
 *
 * Return: a new reference; NULL when memory is short.
 */
json_t *event_json(const struct nl_event *event, const struct event_view *view);

/** events_lost_print() - that some were lost, in the place of those */
void events_lost_print(const struct event_view *view, FILE *out);

/** events_lost_json() - likewise */
json_t *events_lost_json(const struct event_view *view);

#endif /* IPCCHAN_CLI_EVENT_FORMAT_H */
