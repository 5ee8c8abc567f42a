/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Do rings of io_uring end?  The kernel complains of one that does not only after five
 * minutes, when nobody knows any more which program it was of.
 *
 * The witness is a pipe, whose other end only the ring has, among its files, until the last
 * of its requests is done.  Of the calling process, not of its children.
 */
#ifndef FUZZ_WITNESS_H
#define FUZZ_WITNESS_H

/* Exit status of a process of whose rings one does not end */
#define WITNESS_STUCK	3

/** witness_init() - before the descriptors of programs; 0 or -errno */
int witness_init(void);

/**
 * witness_begin() - of a new ring
 * @ring: its descriptor
 *
 * Not of each program, by the number of its calls: rings without files are rings, too.  Calls
 * may be made to fail here.
 */
void witness_begin(int ring);

/**
 * witness_end() - the program's ring was closed
 *
 * Waits for the oldest ring where there is no room for another witness, which is when it is
 * first looked at.  When that takes too long the process ends with WITNESS_STUCK, after the
 * program was told.
 */
void witness_end(void);

/** witness_wait() - likewise, until all have ended */
void witness_wait(void);

#endif /* FUZZ_WITNESS_H */
