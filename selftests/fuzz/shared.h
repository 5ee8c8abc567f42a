/* SPDX-License-Identifier: GPL-2.0 */
/* What the processes of the fuzzer share: its corpus, what is covered, how far each is. */
#ifndef FUZZ_SHARED_H
#define FUZZ_SHARED_H

#include "cover.h"
#include "prog.h"

#define WORKERS_MAX	8U
#define CORPUS_MAX	8192U
#define BATCH		16U

/**
 * struct worker - one process that runs programs
 * @programs: it has run, also those to confirm and to cut down what was found
 * @calls: likewise
 * @kept: programs that it has put into the corpus
 * @at: index of the one of @batch that runs now
 * @batch: programs to run
 */
struct worker {
	uint64_t programs, calls;
	uint32_t kept, at;
	struct prog batch[BATCH];
};

/**
 * struct shared - all of it
 * @cover: what is covered
 * @stop: workers are to end
 * @nr: programs in @corpus that are complete, but for a few of the last ones
 * @loaded: of these, that were there at the start
 * @taken: places in @corpus that are taken
 * @worker: by number
 * @corpus: programs
 */
struct shared {
	struct cover_map cover;
	bool stop;
	uint32_t nr, loaded, taken;
	struct worker worker[WORKERS_MAX];
	struct prog corpus[CORPUS_MAX];
};

extern struct shared *shared;

/** shared_init() - before the first process is forked; 0 or -errno */
int shared_init(void);

/** shared_load() - the programs of a file; 0, or -errno after what is wrong was told */
int shared_load(const char *path);

/** shared_add() - one more, unless there are too many */
void shared_add(const struct prog *p);

#endif /* FUZZ_SHARED_H */
