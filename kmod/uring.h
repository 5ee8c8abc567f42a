/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_URING_H
#define _IPCCHAN_URING_H

#include "compat.h"

struct io_uring_cmd;

int ipcchan_uring_cmd(struct io_uring_cmd *cmd, unsigned int issue_flags);

#ifdef IPCCHAN_HAS_URING_CMD
#define IPCCHAN_URING_FEATURES	IPCCHAN_FEAT_URING_CMD
#else
#define IPCCHAN_URING_FEATURES	0
#endif

#endif /* _IPCCHAN_URING_H */
