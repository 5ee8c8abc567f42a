/* SPDX-License-Identifier: GPL-2.0 */
/* Texts in the language that the locale asks for. */
#ifndef IPCCHAN_CLI_NLS_H
#define IPCCHAN_CLI_NLS_H

#include <libintl.h>
#include <stdbool.h>

/* Translated here; to be translated where it is used */
#define _(text)		gettext(text)
#define N_(text)	text

/**
 * nls_start() - from now on texts are in the language of the locale
 * @utf8: whatever its character set is, as JSON wants it
 *
 * Translations lie beside the command where it was built, or in ../share/locale of where it
 * was installed.  Numbers stay as they are in C.
 */
void nls_start(bool utf8);

#endif /* IPCCHAN_CLI_NLS_H */
