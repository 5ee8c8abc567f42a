/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One program, which hands records from one process to another, in the versions that the two
 * models have, as the checker of races sees them: as it should be, and with a step left out.
 */
#ifndef CLAIMS_VERSIONS_H
#define CLAIMS_VERSIONS_H

#include "lab.h"

/**
 * enum version
 * @VERSION_MESSAGE: each process has memory of its own, in which nothing can race, and a record
 *	is sent
 * @VERSION_PLAIN: it is in shared memory, and a variable beside it tells that it is there
 * @VERSION_SEMAPHORES: likewise, and semaphores tell
 */
enum version {
	VERSION_MESSAGE,
	VERSION_PLAIN,
	VERSION_SEMAPHORES,
};

/* Steps of a version that put both processes in order: any of them may be forgotten */
#define MESSAGE_STEPS		2
#define SEMAPHORE_STEPS		4
#define STEP_NONE		UINT32_MAX

/* Records that are handed over */
#define VERSION_RECORDS		200

/**
 * struct version_seen - what became of a version
 * @races: that the checker has found
 * @right: records that came, and were right
 */
struct version_seen {
	unsigned int races;
	unsigned int right;
};

/**
 * version_run() - run one
 * @without: the step that is left out, STEP_NONE for none
 *
 * Return: 0; negative errno with @lab->why filled.
 */
int version_run(struct lab *lab, enum version version, uint32_t without,
		struct version_seen *seen);

#endif /* CLAIMS_VERSIONS_H */
