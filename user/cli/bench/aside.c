// SPDX-License-Identifier: GPL-2.0
#include "aside.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "runner.h"

void *aside_memory(size_t size)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return mem == MAP_FAILED ? NULL : mem;
}

bool aside_run(struct bench *bench, const struct transport *transport,
	       const struct placement *place, size_t size, uint64_t timeout_ns, char *why)
{
	uint64_t timeout_before = bench->opts.timeout_ns;
	struct bench_case run = {
		.transport = transport, .workload = WORKLOAD_PINGPONG,
		.wait = transport->wait, .size = size, .placement = *place,
		.hist = calloc(1, sizeof(struct hist)), .outcome = OUTCOME_NONE,
		.status = "ended early",
	};

	if (run.hist) {
		bench->opts.timeout_ns = timeout_ns;
		runner_run(bench, &run, NULL, NULL);
		bench->opts.timeout_ns = timeout_before;
	}
	snprintf(why, WHY_SIZE, "%.*s", WHY_SIZE - 1, run.hist ? run.status : "no memory");
	free(run.hist);
	return run.outcome == OUTCOME_OK && !bench->interrupted;
}
