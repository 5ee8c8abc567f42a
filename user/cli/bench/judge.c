// SPDX-License-Identifier: GPL-2.0
#include "judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_SIZE	32

void case_fail(struct bench_case *c, enum outcome outcome, const char *format, ...)
{
	va_list args;

	c->outcome = outcome;
	va_start(args, format);
	vsnprintf(c->status, sizeof(c->status), format, args);
	va_end(args);
}

bool case_corrupt(const struct bench_case *c)
{
	return c->outcome == OUTCOME_FAILED &&
	       !strncmp(c->status, STATUS_CORRUPT, strlen(STATUS_CORRUPT));
}

/* The sender may have sent all, and the rest was lost */
void judge_timeout(struct bench_case *c, const struct run_shared *s, uint64_t timeout_ns)
{
	uint64_t end = atomic_load(&s->end[atomic_load(&s->phase) % PHASES]);
	uint64_t got = atomic_load(&s->received);

	if (!workload_answers(c->workload) && end != NO_END && got < end)
		case_fail(c, OUTCOME_FAILED,
			  STATUS_CORRUPT "only %llu of %llu messages came",
			  (unsigned long long)got, (unsigned long long)end);
	else
		case_fail(c, OUTCOME_FAILED, "timeout: not done after %.3g s",
			  (double)timeout_ns / 1e9);
}

/* ", sender 2": which one it was, where there are several */
static const char *child_name(const struct children *children, unsigned int index,
			      unsigned int senders, char name[NAME_SIZE])
{
	if (children->nr == SIDES)
		name[0] = '\0';
	else if (index < senders)
		snprintf(name, NAME_SIZE, ", sender %u", index);
	else
		snprintf(name, NAME_SIZE, ", receiver %u", index - senders);
	return name;
}

/* Of one that was killed by a signal or, @exited, that ended by itself and says nothing */
static bool says_end(struct bench_case *c, const struct children *children,
		     unsigned int senders, bool exited)
{
	const char *how = exited ? "ended: exit status" : "died: signal";
	const struct child *child = children->child;
	char name[NAME_SIZE];
	unsigned int i;

	for (i = 0; i < children->nr; i++) {
		bool ended = child[i].status.si_code == CLD_EXITED;

		if (!child_failed(&child[i]) || ended != exited)
			continue;
		case_fail(c, OUTCOME_FAILED, "peer %s %d%s", how,
			  child[i].status.si_status, child_name(children, i, senders, name));
		return true;
	}
	return false;
}

bool judge_children(struct bench_case *c, const struct children *children,
		    const struct run_shared *shared, unsigned int senders)
{
	static const struct {
		int status;
		enum outcome outcome;
		const char *prefix;
	} words[] = {
		{ CHILD_CORRUPT, OUTCOME_FAILED, STATUS_CORRUPT },
		{ CHILD_REFUSED, OUTCOME_REFUSED, "refused: " },
		{ CHILD_FAILED, OUTCOME_FAILED, "" },
	};
	const struct child *child = children->child;
	char name[NAME_SIZE];
	unsigned int i;
	size_t w;

	if (says_end(c, children, senders, false))
		return false;
	for (w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
		for (i = 0; i < children->nr; i++) {
			if (!child_failed(&child[i]) ||
			    child[i].status.si_status != words[w].status)
				continue;
			case_fail(c, words[w].outcome, "%s%.*s%s", words[w].prefix, WHY_SIZE,
				  shared->why[i], child_name(children, i, senders, name));
			return false;
		}
	}
	return !says_end(c, children, senders, true);
}
