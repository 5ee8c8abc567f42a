// SPDX-License-Identifier: GPL-2.0
#include "trace_life.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

static int by_address(const void *a, const void *b)
{
	const struct life *x = a, *y = b;

	return (x->msg > y->msg) - (x->msg < y->msg);
}

static struct life *find(const struct lives *lives, uint64_t msg)
{
	const struct life key = { .msg = msg };
	struct life **found = tfind(&key, &lives->root, by_address);

	return found ? *found : NULL;
}

static struct trace_task *task_of(struct lives *lives, uint64_t pid)
{
	struct trace_task *task = trace_tasks_get(&lives->tasks, pid);

	if (!task)
		lives->err = -ENOMEM;
	return task;
}

static struct life *pop_taken(struct trace_task *task)
{
	struct life *life = task->taken;

	task->taken = life->next;
	life->next = NULL;
	return life;
}

/* Nobody has received it. */
static void unlink_taken(struct lives *lives, struct life *life)
{
	struct trace_task *to = trace_tasks_find(&lives->tasks, life->to);
	struct life **at = to ? &to->taken : NULL;

	while (at && *at && *at != life)
		at = &(*at)->next;
	if (at && *at)
		*at = life->next;
	life->next = NULL;
}

/* No task knows it any more; it may have ended, or not */
static void detach(struct lives *lives, struct life *life)
{
	struct trace_task *from = trace_tasks_find(&lives->tasks, life->from);

	if (from && from->sent == life)
		from->sent = NULL;
	unlink_taken(lives, life);
}

static void forget(struct lives *lives, struct life *life)
{
	detach(lives, life);
	tdelete(life, &lives->root, by_address);
	free(life);
}

static void finish(struct lives *lives, struct life *life)
{
	trace_tasks_comm(&lives->tasks, life->from, life->from_comm);
	if (life->to)
		trace_tasks_comm(&lives->tasks, life->to, life->to_comm);
	lives->tell(life, lives->arg);
	forget(lives, life);
}

static void forget_broken(struct lives *lives, struct life *life)
{
	lives->broken++;
	forget(lives, life);
}

/* Its life goes on: the receiver did not get it after all, and has put it back. */
static void put_back(struct lives *lives, struct life *life)
{
	detach(lives, life);
	life->to = 0;
	life->handed_over = false;
	life->at[STAMP_WOKEN] = 0;
	life->at[STAMP_RUNS] = 0;
	life->at[STAMP_TAKEN] = 0;
}

static void begin(struct lives *lives, const struct trace_event *event)
{
	struct trace_task *task = task_of(lives, event->pid);
	struct life *life = calloc(1, sizeof(*life));

	if (!life || !task) {
		free(life);
		lives->err = -ENOMEM;
		return;
	}
	*life = (struct life){
		.msg = event->msg, .cookie = event->cookie, .len = (uint32_t)event->len,
		.prio = event->prio, .from = event->pid, .to = event->task,
		.handed_over = event->kind == TRACE_HANDOVER,
		.at = { [STAMP_CALL] = task->call, [STAMP_ROOM] = task->room,
			[STAMP_SENT] = event->ns },
	};
	if (!tsearch(life, &lives->root, by_address)) {
		free(life);
		lives->err = -ENOMEM;
		return;
	}
	task->sent = life;
}

static void sent(struct lives *lives, const struct trace_event *event)
{
	struct life *life = find(lives, event->msg);
	uint64_t taken = life ? life->at[STAMP_TAKEN] : 0;

	if (life && life->to == event->pid) {
		put_back(lives, life);
		return;
	}
	if (life && taken)
		finish(lives, life);
	else if (life)
		forget_broken(lives, life);
	begin(lives, event);
}

/*
 * What its receiver did: slept until this message woke it, or had only let others run, or was
 * there all the time
 */
static void receive(struct life *life, const struct trace_task *task)
{
	uint64_t since = life->at[STAMP_SENT];
	bool woken = task->runnable >= since && task->runs >= task->runnable &&
		     (life->handed_over || (task->waker == life->from && task->woken >= since));

	life->to = task->pid;
	life->watched = task->watched && task->watched < since;
	if (woken)
		life->at[STAMP_WOKEN] = task->runnable;
	if (woken || (life->handed_over && task->runs >= since))
		life->at[STAMP_RUNS] = task->runs;
}

static void taken(struct lives *lives, const struct trace_event *event)
{
	struct trace_task *task = task_of(lives, event->pid);
	struct life *life;

	if (!task)
		return;
	/* One that makes no calls, as a thread of io_uring, is done with those before. */
	while (!task->call && task->taken)
		finish(lives, pop_taken(task));
	life = find(lives, event->msg);
	if (!life) {
		lives->broken++;
		return;
	}
	if (task->sent != life)
		task->sent = NULL;
	unlink_taken(lives, life);
	life->at[STAMP_TAKEN] = event->ns;
	receive(life, task);
	life->next = task->taken;
	task->taken = life;
	/* How the call goes on will not be told. */
	if (!lives->calls || !task->watched || task->watched >= event->ns)
		finish(lives, life);
}

static void dropped(struct lives *lives, const struct trace_event *event)
{
	struct life *life = find(lives, event->msg);

	if (!life) {
		lives->broken++;
		return;
	}
	detach(lives, life);
	life->at[STAMP_TAKEN] = event->ns;
	life->dropped = true;
	life->to = 0;
	finish(lives, life);
}

/* Who waited for room has it: the message that was queued just now is its own. */
static void woken(struct lives *lives, const struct trace_event *event)
{
	struct trace_task *by = task_of(lives, event->pid);
	struct trace_task *task = task_of(lives, event->task);

	if (!by || !task || !task->room || event->result || !by->sent)
		return;
	by->sent->from = task->pid;
	by->sent->at[STAMP_CALL] = task->call;
	by->sent->at[STAMP_ROOM] = task->room;
	task->room = 0;
	by->sent = NULL;
}

static void call_over(struct lives *lives, struct trace_task *task, uint64_t ns)
{
	struct life *life;

	while (task->taken) {
		life = pop_taken(task);
		life->at[STAMP_RETURNED] = ns;
		finish(lives, life);
	}
	task->call = 0;
	task->room = 0;
	task->sent = NULL;
}

static void scheduled(struct lives *lives, const struct trace_event *event)
{
	struct trace_task *task = trace_tasks_find(&lives->tasks, event->task);
	struct trace_task *from = trace_tasks_find(&lives->tasks, event->from);

	if (from)
		memcpy(from->comm, event->from_comm, sizeof(from->comm));
	if (!task)
		return;
	memcpy(task->comm, event->comm, sizeof(task->comm));
	if (event->kind == TRACE_SCHED_WAKING) {
		task->woken = event->ns;
		task->waker = event->pid;
	} else if (event->kind == TRACE_SCHED_WAKEUP) {
		task->runnable = event->ns;
	} else {
		task->runs = event->ns;
	}
}

static void forget_all(struct lives *lives)
{
	while (lives->root)
		forget_broken(lives, *(struct life **)lives->root);
}

void lives_event(const struct trace_event *event, void *arg)
{
	struct lives *lives = arg;
	struct trace_task *task = trace_tasks_find(&lives->tasks, event->pid);

	switch (event->kind) {
	case TRACE_ATTACH:
		task = task_of(lives, event->pid);
		if (task)
			trace_tasks_read_comm(task);
		break;
	case TRACE_ENQUEUE:
	case TRACE_HANDOVER:
		sent(lives, event);
		break;
	case TRACE_DEQUEUE:
		taken(lives, event);
		break;
	case TRACE_DROP:
		dropped(lives, event);
		break;
	case TRACE_WAIT:
		task = task_of(lives, event->pid);
		if (task && event->what == TRACE_WAIT_ROOM)
			task->room = event->ns;
		break;
	case TRACE_WAKE:
		woken(lives, event);
		break;
	case TRACE_SCHED_WAKING:
	case TRACE_SCHED_WAKEUP:
	case TRACE_SCHED_SWITCH:
		scheduled(lives, event);
		break;
	case TRACE_SYS_ENTER:
	case TRACE_SYS_EXIT:
		if (!task)
			break;
		call_over(lives, task, event->ns);
		task->call = event->kind == TRACE_SYS_ENTER ? event->ns : 0;
		break;
	case TRACE_LOST:
		forget_all(lives);
		trace_tasks_lost(&lives->tasks);
		break;
	}
}

void lives_end(struct lives *lives)
{
	struct life *life;

	while (lives->root) {
		life = *(struct life **)lives->root;
		if (life->at[STAMP_TAKEN])
			finish(lives, life);
		else
			forget(lives, life);
	}
	trace_tasks_free(&lives->tasks);
}

uint64_t life_begin(const struct life *life)
{
	const uint64_t *at = life->at;

	return at[STAMP_CALL] ? at[STAMP_CALL] : at[STAMP_ROOM] ? at[STAMP_ROOM] : at[STAMP_SENT];
}

bool life_stage_visible(enum stage stage)
{
	return stage != STAGE_COPY && stage != STAGE_PAYLOAD;
}

static void wait_stages(const struct life *life, int64_t ns[STAGE_NR])
{
	const uint64_t *at = life->at;
	uint64_t ready = at[STAMP_WOKEN] ? at[STAMP_WOKEN] : at[STAMP_SENT];
	/* One that looked by poll() first still has to call for the message. */
	uint64_t has = life->handed_over ? at[STAMP_TAKEN] : at[STAMP_RUNS];

	if (at[STAMP_RUNS]) {
		ns[STAGE_WAKE_UP] = (int64_t)(ready - at[STAMP_SENT]);
		ns[STAGE_SWITCH] = (int64_t)(has - ready);
		ns[STAGE_QUEUE] = (int64_t)(at[STAMP_TAKEN] - has);
	} else if (!life->handed_over || life->watched) {
		ns[STAGE_WAKE_UP] = 0;
		ns[STAGE_SWITCH] = 0;
		ns[STAGE_QUEUE] = (int64_t)(at[STAMP_TAKEN] - at[STAMP_SENT]);
	}
	if (at[STAMP_ROOM] && ns[STAGE_QUEUE] >= 0)
		ns[STAGE_QUEUE] += (int64_t)(at[STAMP_SENT] - at[STAMP_ROOM]);
}

int64_t life_stages(const struct life *life, int64_t ns[STAGE_NR])
{
	const uint64_t *at = life->at;
	uint64_t end = at[STAMP_RETURNED] ? at[STAMP_RETURNED] : at[STAMP_TAKEN];
	uint64_t built = at[STAMP_ROOM] ? at[STAMP_ROOM] : at[STAMP_SENT];
	int64_t total = (int64_t)(end - life_begin(life));
	int stage;

	for (stage = 0; stage < STAGE_NR; stage++)
		ns[stage] = -1;
	wait_stages(life, ns);
	if (at[STAMP_CALL] && at[STAMP_RETURNED])
		ns[STAGE_SYSTEM_CALL] = (int64_t)(built - at[STAMP_CALL] +
						  at[STAMP_RETURNED] - at[STAMP_TAKEN]);
	ns[STAGE_RESIDUAL] = total;
	for (stage = 0; stage < STAGE_RESIDUAL; stage++)
		if (ns[stage] > 0)
			ns[STAGE_RESIDUAL] -= ns[stage];
	return total;
}
