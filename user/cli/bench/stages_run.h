/* SPDX-License-Identifier: GPL-2.0 */
/* What the two processes do that measure the pieces of struct stages. */
#ifndef BENCH_STAGES_RUN_H
#define BENCH_STAGES_RUN_H

#include <stdatomic.h>

#include "lines.h"
#include "stages.h"

/* What both sides do together, one after the other */
#define STAGES_PARTS	4

/**
 * struct stages_shared - memory of all
 * @ns: out, medians; of some the part of each side, of @PIECE_LATENCY each way
 * @sent_at: when the call began by which each side sent last
 * @sent: messages that have been sent, where that is told
 * @taken: likewise, that the receiver has taken
 * @end: samples of each part, 0 until side 0 makes the last one
 */
struct stages_shared {
	double ns[PIECE_NR][SIDES];
	_Alignas(LINES_APART) _Atomic uint64_t sent_at[SIDES];
	_Alignas(LINES_APART) _Atomic uint32_t sent;
	_Alignas(LINES_APART) _Atomic uint32_t taken;
	_Atomic uint32_t end[STAGES_PARTS];
};

/**
 * struct stages_transport - a transport whose @run is stages_run()
 * @shared: of aside_memory()
 * @calls_only: only @PIECE_NULL, @PIECE_SEND and @PIECE_RECV
 */
struct stages_transport {
	struct transport transport;
	struct stages_shared *shared;
	bool calls_only;
};

/** stages_run() - as @run of struct transport */
int stages_run(const struct run_plan *plan, struct run_shared *shared, struct link *link,
	       int side);

#endif /* BENCH_STAGES_RUN_H */
