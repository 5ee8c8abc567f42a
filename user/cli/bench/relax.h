/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_RELAX_H
#define BENCH_RELAX_H

/** spin_relax() - one turn of a loop that waits without sleeping.  Valid C and C++. */
static inline void spin_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ __volatile__("yield" ::: "memory");
#endif
}

#endif /* BENCH_RELAX_H */
