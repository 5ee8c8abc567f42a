/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Death at every instruction: the operation of a victim is done again and again, and it is
 * killed before the first instruction, before the second, and so on to the last, and behind
 * it.  Each time it is looked at what is left.
 */
#ifndef STEP_EVERY_H
#define STEP_EVERY_H

#include "step-util.h"

/**
 * struct step_scene - what is done each time
 * @set_up: make a new ring, with survivors
 * @attach: by the victim, before it is traced; NULL for nothing
 * @op: by the victim, step by step
 * @survive: look at what is left by it, and use it
 * @close: the survivors leave
 */
struct step_scene {
	void (*set_up)(void);
	void (*attach)(void);
	void (*op)(void);
	void (*survive)(void);
	void (*close)(void);
};

/* before which the victim was killed, by its number */
static int step;

/* @place is NULL for the end of the operation. */
static inline void step_scene_at(const struct step_scene *scene,
				 const struct step_place *place)
{
	scene->set_up();
	step_kill_at(scene->attach, scene->op, place);
	scene->survive();
	scene->close();
}

/* To be called where step_can() has said yes. */
static inline void step_every(const struct step_scene *scene)
{
	static struct step_place places[PLACES_MAX];
	int count;

	scene->set_up();
	count = step_record(scene->attach, scene->op, places);
	scene->close();
	for (step = 0; step <= count && !tap_failures; step++)
		step_scene_at(scene, step < count ? &places[step] : NULL);
	printf("# killed at %d places\n", step);
}

#endif /* STEP_EVERY_H */
