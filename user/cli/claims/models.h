/* SPDX-License-Identifier: GPL-2.0 */
/* Both models beside each other, as several claims need them. */
#ifndef CLAIMS_MODELS_H
#define CLAIMS_MODELS_H

#include "lab.h"

/* Bytes of a small message, and of a large one */
#define MODELS_SMALL	64
#define MODELS_LARGE	65536

/**
 * models_measure() - round trips through a pipe and through a ring in shared memory, waiting
 * alike, and through a channel in both ways, where the module is; once for all claims
 *
 * Return: 0, with @lab->models filled; negative errno with @lab->why filled.
 */
int models_measure(struct lab *lab);

#endif /* CLAIMS_MODELS_H */
