/* SPDX-License-Identifier: GPL-2.0 */
/* A name in the file system, for processes that have nothing else in common. */
#ifndef CLAIMS_PATHS_H
#define CLAIMS_PATHS_H

#define OWN_PATH_SIZE	256

/* Of the file, in its folder */
#define OWN_PATH_NAME	"it"

/**
 * struct own_path
 * @folder: of this process alone, for others to pass
 * @file: in there; nothing is there yet
 */
struct own_path {
	char folder[OWN_PATH_SIZE];
	char file[OWN_PATH_SIZE + 8];
};

/** own_path_make() - in TMPDIR, or /tmp; 0 or a negative errno, with the folder's name */
int own_path_make(struct own_path *path);

/** own_path_remove() - the file and the folder, where they are there */
void own_path_remove(const struct own_path *path);

#endif /* CLAIMS_PATHS_H */
