/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FUZZ_URING_H
#define FUZZ_URING_H

/* Exit status of a process whose ring does not end */
#define URING_STUCK	3

/** uring_init() - before the descriptors of programs; 0 or -errno */
int uring_init(void);

/** uring_clear() - the ring of the last program, if it had one, is gone */
void uring_clear(void);

#endif /* FUZZ_URING_H */
