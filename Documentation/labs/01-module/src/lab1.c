// SPDX-License-Identifier: GPL-2.0
/* Lab 1: a module that says when it comes and when it goes. */
#include <linux/module.h>

#define LAB1_LEVEL_MAX	10

/*
 * TODO 1: make this a parameter of the module, which everybody can read in
 * /sys/module/lab1/parameters/level, and nobody can change there.
 */
static unsigned int level = 3;

static int __init lab1_init(void)
{
	/* TODO 2: refuse a level above LAB1_LEVEL_MAX with -EINVAL. */

	/* TODO 3: say "lab1: loaded, level N" in the kernel's log, as information. */
	(void)level;
	return 0;
}

static void __exit lab1_exit(void)
{
	/* TODO 4: say "lab1: unloaded". */
}

module_init(lab1_init);
module_exit(lab1_exit);
MODULE_DESCRIPTION("Lab 1");
MODULE_LICENSE("GPL");
