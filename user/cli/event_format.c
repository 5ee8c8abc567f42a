// SPDX-License-Identifier: GPL-2.0
/* An event for people and for programs. */
#include <sys/stat.h>
#include <time.h>

#include "chan_format.h"
#include "ep_format.h"
#include "event_format.h"
#include "words.h"

#define NS_PER_S	1000000000LL
#define TIME_SIZE	48
/* Inode numbers of the initial namespaces (include/linux/proc_ns.h). */
#define INIT_USER_INO	0xEFFFFFFDU
#define INIT_PID_INO	0xEFFFFFFCU

static int64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static bool is_inode(const char *path, ino_t ino)
{
	struct stat st;

	return !stat(path, &st) && st.st_ino == ino;
}

void event_view_init(struct event_view *view)
{
	view->pids = is_inode("/proc/self/ns/pid", INIT_PID_INO);
	view->users = is_inode("/proc/self/ns/user", INIT_USER_INO);
	event_view_clock(view);
}

void event_view_clock(struct event_view *view)
{
	view->realtime_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
}

/* @format: of strftime(); microseconds and @zone follow. */
static void time_of_day(const struct event_view *view, uint64_t time_ns, const char *format,
			bool zone, char text[TIME_SIZE])
{
	int64_t ns = view->realtime_ns + time_ns;
	time_t seconds = ns / NS_PER_S;
	size_t len;
	struct tm tm;

	localtime_r(&seconds, &tm);
	len = strftime(text, TIME_SIZE, format, &tm);
	len += snprintf(text + len, TIME_SIZE - len, ".%06d", (int)(ns % NS_PER_S / 1000));
	if (zone)
		strftime(text + len, TIME_SIZE - len, "%z", &tm);
}

static const char *what_of(const struct nl_event *event)
{
	return event->what ? word_of(event_words, event->what - 1) : "unknown";
}

static void print_who(const struct nl_event *event, const struct event_view *view, FILE *out)
{
	char comm[COMM_TEXT_SIZE], user[USER_TEXT_SIZE];

	if (event->ep)
		fprintf(out, " endpoint=%u", event->ep);
	if (event->role)
		fprintf(out, " role=%s", ep_role_text(event->role));
	if (event->pid) {
		comm_text(view->pids ? event->pid : 0, comm);
		fprintf(out, " pid=%u", event->pid);
		if (*comm)
			fprintf(out, " (%s)", comm);
	}
	if (event->uid != NL_NO_ID) {
		user_text(event->uid, view->numeric || !view->users, user);
		fprintf(out, " user=%s", user);
	}
}

void event_print(const struct nl_event *event, const struct event_view *view, FILE *out)
{
	char when[TIME_SIZE], text[NAME_TEXT_SIZE];

	time_of_day(view, event->time_ns, "%H:%M:%S", false, when);
	fprintf(out, "%s %-9s", when, what_of(event));
	if (event->chan)
		fprintf(out, " id=%u", event->chan);
	if (event->has_name) {
		text_safe(event->name, text, sizeof(text));
		fprintf(out, " %s", text);
	}
	print_who(event, view, out);
	if (event->has_count)
		fprintf(out, " %s=%llu", event->what == IPCCHAN_EVENT_LAGGING ? "lost" : "queued",
			(unsigned long long)event->count);
	if (event->has_offset)
		fprintf(out, " offset=%llu", (unsigned long long)event->offset);
	if (*event->item) {
		text_safe(event->item, text, sizeof(text));
		fprintf(out, " item=%s", text);
	}
}

static int set_number(json_t *json, const char *name, bool there, uint64_t value)
{
	return there ? json_object_set_new(json, name, json_integer(value)) : 0;
}

static int set_text(json_t *json, const char *name, bool there, const char *value)
{
	char text[NAME_TEXT_SIZE];

	if (!there)
		return 0;
	text_safe(value, text, sizeof(text));
	return json_object_set_new(json, name, json_string(text));
}

static int set_time(json_t *json, const struct event_view *view, uint64_t time_ns)
{
	char when[TIME_SIZE];

	time_of_day(view, time_ns, "%Y-%m-%dT%H:%M:%S", true, when);
	return set_number(json, "time_ns", true, time_ns) |
	       set_text(json, "time", true, when);
}

json_t *event_json(const struct nl_event *event, const struct event_view *view)
{
	bool lagging = event->what == IPCCHAN_EVENT_LAGGING;
	json_t *json = json_object();
	char comm[COMM_TEXT_SIZE];

	comm_text(view->pids ? event->pid : 0, comm);
	if (set_text(json, "event", true, what_of(event)) |
	    set_time(json, view, event->time_ns) |
	    set_number(json, "channel_id", event->chan, event->chan) |
	    set_text(json, "channel", event->has_name, event->name) |
	    set_number(json, "endpoint_id", event->ep, event->ep) |
	    set_text(json, "role", event->role, ep_role_text(event->role)) |
	    set_number(json, "pid", event->pid, event->pid) |
	    set_text(json, "command", *comm, comm) |
	    set_number(json, "uid", event->uid != NL_NO_ID, event->uid) |
	    set_number(json, lagging ? "lost_msgs" : "queued_msgs", event->has_count,
		       event->count) |
	    set_number(json, "offset_bytes", event->has_offset, event->offset) |
	    set_text(json, "item", *event->item, event->item)) {
		json_decref(json);
		return NULL;
	}
	return json;
}

void events_lost_print(const struct event_view *view, FILE *out)
{
	char when[TIME_SIZE];

	time_of_day(view, clock_ns(CLOCK_MONOTONIC), "%H:%M:%S", false, when);
	fprintf(out, "%s lost      events came faster than they were read", when);
}

json_t *events_lost_json(const struct event_view *view)
{
	json_t *json = json_object();

	if (set_text(json, "event", true, "lost") |
	    set_time(json, view, clock_ns(CLOCK_MONOTONIC))) {
		json_decref(json);
		return NULL;
	}
	return json;
}
