// SPDX-License-Identifier: GPL-2.0
#include "trace_print.h"

#include <stdio.h>
#include <string.h>

#include "chan_format.h"
#include "cli.h"

#define TASK_TEXT_SIZE	(4 * TRACE_COMM_SIZE + 32)

/* "name[17]", fit for a terminal */
static void task_text(uint64_t pid, const char *comm, char text[TASK_TEXT_SIZE])
{
	if (!pid) {
		strcpy(text, "-");
		return;
	}
	text_safe(*comm ? comm : "?", text, 4 * TRACE_COMM_SIZE + 1);
	sprintf(text + strlen(text), "[%llu]", (unsigned long long)pid);
}

static const char *way(const struct life *life)
{
	return life->dropped ? "dropped" : life->handed_over ? "handed-over" : "queued";
}

static int begin_json(const struct trace_print *print, const struct nl_chan *chan,
		      const char *name)
{
	return json_put(print->verb,
			json_pack("{s:s, s:s?, s:I, s:I}", "type", "begin",
				  "channel", chan->has_name ? name : NULL,
				  "id", (json_int_t)chan->id,
				  "begin_ns", (json_int_t)print->begin), false);
}

int trace_print_begin(const struct trace_print *print, const struct nl_chan *chan)
{
	char name[NAME_TEXT_SIZE];
	int stage;

	chan_name_text(chan, name);
	if (print->json)
		return begin_json(print, chan, name);
	printf("channel %s, id %u; nanoseconds\n", name, chan->id);
	printf("%12s %8s %-22s %-22s %-11s %10s", "at s", "bytes", "sender", "receiver", "way",
	       "total");
	for (stage = 0; stage < STAGE_NR; stage++)
		if (life_stage_visible(stage))
			printf(" %15s", stage_name(stage));
	putchar('\n');
	return EXIT_OK;
}

static json_t *stage_json(enum stage stage, int64_t ns)
{
	return json_pack("{s:s, s:o}", "name", stage_name(stage),
			 "ns", ns < 0 ? json_null() : json_integer(ns));
}

static json_t *stages_json(const int64_t ns[STAGE_NR])
{
	json_t *array = json_array();
	int stage;

	for (stage = 0; stage < STAGE_NR; stage++)
		if (life_stage_visible(stage) &&
		    json_array_append_new(array, stage_json(stage, ns[stage]))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *stamp_json(const struct life *life, enum stamp stamp)
{
	return life->at[stamp] ? json_integer((json_int_t)life->at[stamp]) : json_null();
}

static json_t *task_json(uint64_t pid, const char *comm)
{
	char text[TASK_TEXT_SIZE];

	if (!pid)
		return json_null();
	text_safe(comm, text, 4 * TRACE_COMM_SIZE + 1);
	return json_pack("{s:I, s:s?}", "pid", (json_int_t)pid, "comm", *comm ? text : NULL);
}

static json_t *life_json(const struct life *life, int64_t total, const int64_t ns[STAGE_NR])
{
	char cookie[32];

	/* as a string: JSON's numbers are not sure to have 64 bits */
	snprintf(cookie, sizeof(cookie), "0x%llx", (unsigned long long)life->cookie);
	return json_pack("{s:s, s:s, s:I, s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o,"
			 " s:o, s:I, s:o}",
			 "type", "message",
			 "way", way(life),
			 "bytes", (json_int_t)life->len,
			 "prio", (json_int_t)life->prio,
			 "cookie", cookie,
			 "sender", task_json(life->from, life->from_comm),
			 "receiver", task_json(life->to, life->to_comm),
			 "call_ns", stamp_json(life, STAMP_CALL),
			 "waits_for_room_ns", stamp_json(life, STAMP_ROOM),
			 "sent_ns", stamp_json(life, STAMP_SENT),
			 "woken_ns", stamp_json(life, STAMP_WOKEN),
			 "runs_ns", stamp_json(life, STAMP_RUNS),
			 life->dropped ? "dropped_ns" : "received_ns",
			 stamp_json(life, STAMP_TAKEN),
			 "returned_ns", stamp_json(life, STAMP_RETURNED),
			 "total_ns", (json_int_t)total,
			 "stages", stages_json(ns));
}

static void life_text(const struct trace_print *print, const struct life *life, int64_t total,
		      const int64_t ns[STAGE_NR])
{
	char from[TASK_TEXT_SIZE], to[TASK_TEXT_SIZE];
	int stage;

	task_text(life->from, life->from_comm, from);
	task_text(life->to, life->to_comm, to);
	printf("%12.6f %8llu %-22s %-22s %-11s %10lld",
	       (double)(int64_t)(life_begin(life) - print->begin) / 1e9,
	       (unsigned long long)life->len, from, to, way(life), (long long)total);
	for (stage = 0; stage < STAGE_NR; stage++) {
		if (!life_stage_visible(stage))
			continue;
		if (ns[stage] < 0)
			printf(" %15s", "-");
		else
			printf(" %10lld %3.0f%%", (long long)ns[stage],
			       total ? 100.0 * (double)ns[stage] / (double)total : 0.0);
	}
	putchar('\n');
}

int trace_print_life(struct trace_print *print, const struct life *life)
{
	int64_t ns[STAGE_NR], total = life_stages(life, ns);
	int stage, status = EXIT_OK;

	if (print->json)
		status = json_put(print->verb, life_json(life, total, ns), false);
	else
		life_text(print, life, total, ns);
	if (life->dropped) {
		print->dropped++;
		return status;
	}
	print->received++;
	print->total += (uint64_t)total;
	for (stage = 0; stage < STAGE_NR; stage++) {
		if (ns[stage] < 0)
			continue;
		hist_record(&print->hist[stage], (uint64_t)ns[stage]);
		print->sum[stage] += (uint64_t)ns[stage];
	}
	return status;
}

static double share(const struct trace_print *print, int stage)
{
	return print->total ? (double)print->sum[stage] / (double)print->total : 0;
}

static json_t *sum_json(const struct trace_print *print, enum stage stage)
{
	const struct hist *hist = &print->hist[stage];
	json_int_t median = (json_int_t)hist_median(hist);

	return json_pack("{s:s, s:I, s:o, s:f}", "name", stage_name(stage),
			 "messages", (json_int_t)hist->count,
			 "median_ns", hist->count ? json_integer(median) : json_null(),
			 "share", share(print, stage));
}

/* The sums of the stages that are told, or the names of those that are not. */
static json_t *sums_json(const struct trace_print *print, bool told)
{
	json_t *array = json_array();
	int stage;

	for (stage = 0; stage < STAGE_NR; stage++)
		if (life_stage_visible(stage) == told &&
		    json_array_append_new(array, told ? sum_json(print, stage) :
						 json_string(stage_name(stage)))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *end_json(const struct trace_print *print, const struct trace_end *end)
{
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:o, s:o}",
			 "type", "summary",
			 "received", (json_int_t)print->received,
			 "dropped", (json_int_t)print->dropped,
			 "not_seen_whole", (json_int_t)end->broken,
			 "lost_events", (json_int_t)end->lost,
			 "tasks_not_followed", (json_int_t)end->unwatched,
			 "kernel_tells_system_calls", end->calls,
			 "kernel_tells_switches", end->switches,
			 "stages", sums_json(print, true),
			 "stages_not_told", sums_json(print, false));
}

static void end_notes(const struct trace_end *end)
{
	if (end->broken)
		printf("%llu messages were not seen whole: they were sent before this began, or "
		       "their events were lost.\n", (unsigned long long)end->broken);
	if (end->lost)
		printf("%llu events were lost, for which there was no room; give more with "
		       "--buffer.\n", (unsigned long long)end->lost);
	if (end->unwatched)
		printf("%llu tasks were too many to be followed: their system calls and switches "
		       "are missing.\n", (unsigned long long)end->unwatched);
	if (!end->calls)
		printf("This kernel tells no system calls (CONFIG_FTRACE_SYSCALLS).\n");
	if (!end->switches)
		printf("This kernel tells no wake-ups and switches of tasks.\n");
}

int trace_print_end(const struct trace_print *print, const struct trace_end *end)
{
	const struct hist *hist;
	int stage;

	if (print->json)
		return json_put(print->verb, end_json(print, end), false);
	printf("\n%llu messages received, %llu dropped\n",
	       (unsigned long long)print->received, (unsigned long long)print->dropped);
	printf("%-12s %9s %12s %6s\n", "stage", "messages", "median ns", "share");
	for (stage = 0; stage < STAGE_NR; stage++) {
		hist = &print->hist[stage];
		if (!hist->count)
			continue;
		printf("%-12s %9llu %12llu %5.1f%%\n", stage_name(stage),
		       (unsigned long long)hist->count, (unsigned long long)hist_median(hist),
		       100 * share(print, stage));
	}
	printf("copy and payload are not told by events: copies are a part of system_call.\n");
	end_notes(end);
	return EXIT_OK;
}
