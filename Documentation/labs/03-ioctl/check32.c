// SPDX-License-Identifier: GPL-2.0
/*
 * The 32-bit program of lab 3, without a C library:
 *
 *	check32 layout		writes the layout of the structure to standard output
 *	check32 put SLOT	puts CHECK_VALUE and CHECK_NAME into a slot of descriptor 3
 *	check32 get SLOT	gets them from there, and compares
 *
 * SLOT is one digit.  The exit status is 0, the errno of the ioctl, or 255 when what was got
 * is something else.
 */
#include <asm/unistd.h>

#include "check.h"
#include "check-layout.h"

_Static_assert(sizeof(void *) == 4, "to be built with -m32");

#define TABLE	3

static long sys3(long nr, long a, long b, long c)
{
	long ret;

	asm volatile("int $0x80" : "=a" (ret) : "0" (nr), "b" (a), "c" (b), "d" (c)
		     : "memory");
	return ret;
}

static void end(long status)
{
	for (;;)
		sys3(__NR_exit, status, 0, 0);
}

static void layout(void)
{
	static const unsigned int words[LAYOUT_WORDS] = LAYOUT_INIT;

	end(sys3(__NR_write, 1, (long)words, sizeof(words)) != sizeof(words));
}

/* One after the other: the compiler may call memset() for a whole structure. */
static void fill(struct lab3_slot *slot, int index, char *name, unsigned int len)
{
	slot->index = index;
	slot->flags = 0;
	slot->name = (__typeof__(slot->name))(unsigned long)name;
	slot->name_len = len;
	slot->value = 0;
	slot->reserved = 0;
}

static void put(int index)
{
	static char name[] = CHECK_NAME;
	volatile long long value = CHECK_VALUE;
	struct lab3_slot slot;

	fill(&slot, index, name, sizeof(name) - 1);
	slot.value = value;
	end(-sys3(__NR_ioctl, TABLE, LAB3_PUT, (long)&slot));
}

static void get(int index)
{
	static const char want[] = CHECK_NAME;
	volatile long long value = CHECK_VALUE;
	static char name[LAB3_NAME_MAX];
	struct lab3_slot slot;
	unsigned int i;
	long ret;

	fill(&slot, index, name, sizeof(name));
	ret = sys3(__NR_ioctl, TABLE, LAB3_GET, (long)&slot);
	if (ret)
		end(-ret);
	if (slot.value != value || slot.name_len != sizeof(want) - 1)
		end(255);
	for (i = 0; i < sizeof(want) - 1; i++) {
		if (name[i] != want[i])
			end(255);
	}
	end(0);
}

void start(char **args);

/* args[0] is how many there are, then they come. */
void start(char **args)
{
	if (args[2][0] == 'l')
		layout();
	if (args[2][0] == 'p')
		put(args[3][0] - '0');
	get(args[3][0] - '0');
}

asm(".globl _start\n"
	"_start:\n"
	"mov	%esp, %eax\n"
	"and	$-16, %esp\n"
	"sub	$12, %esp\n"
	"push	%eax\n"
	"call	start\n");
