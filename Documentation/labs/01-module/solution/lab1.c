// SPDX-License-Identifier: GPL-2.0
/* Lab 1: a module that says when it comes and when it goes. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#define LAB1_LEVEL_MAX	10

static unsigned int level = 3;
module_param(level, uint, 0444);
MODULE_PARM_DESC(level, "from 0 to 10");

static int __init lab1_init(void)
{
	if (level > LAB1_LEVEL_MAX)
		return -EINVAL;
	pr_info("loaded, level %u\n", level);
	return 0;
}

static void __exit lab1_exit(void)
{
	pr_info("unloaded\n");
}

module_init(lab1_init);
module_exit(lab1_exit);
MODULE_DESCRIPTION("Lab 1");
MODULE_LICENSE("GPL");
