// SPDX-License-Identifier: GPL-2.0
#include "remote_worker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "remote_work.h"
#include "transports/fd.h"

/* Looks at a run, while no message may come */
#define LOOKS	4

int remote_worker_init(struct remote_worker *worker, uint64_t limit_ns)
{
	*worker = (struct remote_worker){
		.fd = -1, .shared = run_shared_new(SIDES), .limit_ns = limit_ns,
	};
	return worker->shared ? 0 : -ENOMEM;
}

static _Noreturn void work(struct run_shared *shared, const struct remote_plan *p, int data)
{
	struct run_plan plan = {
		.workload = (enum workload)p->workload,
		.payload = (enum payload_mode)p->payload,
		.batch = (uint32_t)p->batch, .runs = 1, .counts = p->counts != 0,
	};
	struct link link = {
		.transport = &transport_tcp_remote, .workload = plan.workload,
		.wait = (enum wait_strategy)p->wait, .size = p->size, .tx_nr = 1, .rx_nr = 1,
		.per_call = 1, .tx_fd = -1, .rx_fd = -1, .epoll = { -1, -1 },
	};

	if (!fd_attach(&link, data, data) && !fd_wait_init(&link))
		_exit(remote_work(&plan, shared, &link, 1));
	memcpy(shared->why[1], link.why, WHY_SIZE);
	_exit(CHILD_REFUSED);
}

int remote_worker_start(struct remote_worker *worker, const struct remote_plan *plan, int data,
			const int others[2])
{
	pid_t parent = getpid();

	run_shared_clear(worker->shared, SIDES);
	worker->pid = fork();
	if (worker->pid < 0)
		return -errno;
	if (!worker->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(CHILD_FAILED);
		signal(SIGPIPE, SIG_IGN);
		close(others[0]);
		close(others[1]);
		work(worker->shared, plan, data);
	}
	worker->got = 0;
	worker->heard = clock_ns();
	worker->end = worker->heard + plan->timeout_ns;
	worker->fd = (int)syscall(SYS_pidfd_open, worker->pid, 0);
	return worker->fd < 0 ? -errno : 0;
}

bool remote_worker_late(struct remote_worker *worker, uint64_t *next)
{
	uint64_t got = atomic_load_explicit(&worker->shared->received, memory_order_relaxed);
	uint64_t now = clock_ns();

	if (got != worker->got)
		worker->heard = now;
	worker->got = got;
	*next = now + worker->limit_ns / LOOKS;
	if (worker->end < *next)
		*next = worker->end;
	return now >= worker->end || now - worker->heard >= worker->limit_ns;
}

bool remote_worker_ended(struct remote_worker *worker, int *status)
{
	if (waitpid(worker->pid, status, WNOHANG) != worker->pid)
		return false;
	worker->pid = 0;
	fd_close(&worker->fd);
	return true;
}

void remote_worker_end(struct remote_worker *worker)
{
	if (worker->pid > 0) {
		kill(worker->pid, SIGKILL);
		while (waitpid(worker->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	worker->pid = 0;
	fd_close(&worker->fd);
}

static void explain(const struct remote_worker *worker, int status, char why[WHY_SIZE])
{
	if (status != REMOTE_WORKER_LATE)
		snprintf(why, WHY_SIZE, "it died: signal %d", WTERMSIG(status));
	else if (clock_ns() >= worker->end)
		snprintf(why, WHY_SIZE, "it was not done in time");
	else
		snprintf(why, WHY_SIZE, "no message came for %.3g s: see --timeout of ipcchan "
			 "bench --listen", (double)worker->limit_ns / 1e9);
}

void remote_worker_result(const struct remote_worker *worker, int status,
			  struct remote_result *result)
{
	const struct run_shared *shared = worker->shared;

	memset(result, 0, sizeof(*result));
	result->status = CHILD_FAILED;
	memcpy(result->why, shared->why[1], WHY_SIZE);
	if (status == REMOTE_WORKER_LATE || WIFSIGNALED(status))
		explain(worker, status, result->why);
	else
		result->status = (uint64_t)WEXITSTATUS(status);
	if (result->status == CHILD_OK) {
		result->messages = shared->messages;
		result->wall_ns = shared->wall_ns;
		result->hist = shared->hist;
		result->known = shared->ledger[1].known;
		memcpy(result->value, shared->ledger[1].value, sizeof(result->value));
	}
}
