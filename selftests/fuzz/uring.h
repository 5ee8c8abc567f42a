/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FUZZ_URING_H
#define FUZZ_URING_H

/** uring_clear() - the ring of the last program, if it had one, is gone */
void uring_clear(void);

#endif /* FUZZ_URING_H */
