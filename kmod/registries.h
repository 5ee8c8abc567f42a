/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_REGISTRIES_H
#define _IPCCHAN_REGISTRIES_H

#include <linux/limits.h>
#include <linux/types.h>

struct ipcchan_registry;
struct seq_file;

#define IPCCHAN_REGISTRY_MAX	(INT_MAX - 1)

int ipcchan_registries_add(struct ipcchan_registry *reg);
void ipcchan_registries_del(struct ipcchan_registry *reg);
bool ipcchan_registries_next(u32 *index, u32 *id);
void ipcchan_registries_show(struct seq_file *m, u32 index, u32 id);

#endif /* _IPCCHAN_REGISTRIES_H */
