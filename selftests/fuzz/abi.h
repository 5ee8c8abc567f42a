/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FUZZ_ABI_H
#define FUZZ_ABI_H

#include <linux/ipcchan.h>
#include <linux/ipcchan_netlink.h>

#endif /* FUZZ_ABI_H */
