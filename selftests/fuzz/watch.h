/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel says meanwhile */
#ifndef FUZZ_WATCH_H
#define FUZZ_WATCH_H

#include <stdbool.h>
#include <sys/types.h>

/** watch_init() - what was said before does not count */
void watch_init(void);

/** watch_complaint() - whether it has complained since the last time; it is printed */
bool watch_complaint(void);

/** watch_stacks() - print where in the kernel the threads of a process are */
void watch_stacks(pid_t pid);

/** watch_stacks_in() - likewise, of all threads that are in a function of this name */
void watch_stacks_in(const char *function);

#endif /* FUZZ_WATCH_H */
