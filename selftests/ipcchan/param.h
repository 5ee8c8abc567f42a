/* SPDX-License-Identifier: GPL-2.0 */
/* Parameters of the module.  One thread at a time. */
#ifndef IPCCHAN_SELFTEST_PARAM_H
#define IPCCHAN_SELFTEST_PARAM_H

/** param_set() - set one until param_restore(), also called at exit; 0 or -errno */
int param_set(const char *name, unsigned long value);

/** param_restore() - as all of them were before */
void param_restore(void);

#endif /* IPCCHAN_SELFTEST_PARAM_H */
