// SPDX-License-Identifier: GPL-2.0
#include "report_files.h"

#include <stdio.h>
#include <string.h>

#include "../cli.h"
#include "json_write.h"
#include "out_file.h"
#include "report.h"
#include "report/forms.h"
#include "report/hgrm.h"

static bool is_stdout(const char *path)
{
	return path && !strcmp(path, "-");
}

bool report_files_on_stdout(const struct report_files *files)
{
	return is_stdout(files->json) || is_stdout(files->csv) || is_stdout(files->html);
}

/* Two of them that are one file: one would overwrite the other.  Return: EXIT_OK; EXIT_USAGE */
static int check_same(const struct report_files *files, const char *verb, const char *undone)
{
	const struct {
		const char *option, *path;
	} all[] = {
		{ "--json", files->json }, { "--csv", files->csv }, { "--html", files->html },
		{ "--hgrm", files->hgrm }, { "the results", files->results },
	};
	const size_t n = sizeof(all) / sizeof(all[0]);
	size_t i, j;

	for (i = 0; i < n; i++) {
		for (j = i + 1; j < n; j++) {
			if (!all[i].path || !all[j].path ||
			    !out_file_same(all[i].path, all[j].path))
				continue;
			cli_error(verb, "%s and %s are one file, %s and %s: give each a file of "
				  "its own; %s", all[i].option, all[j].option, all[i].path,
				  all[j].path, undone);
			return EXIT_USAGE;
		}
	}
	return EXIT_OK;
}

int report_files_check(const struct report_files *files, const char *verb, const char *undone)
{
	const struct {
		const char *path;
		int (*check)(const char *path);
	} all[] = {
		{ files->json, out_file_check }, { files->csv, out_file_check },
		{ files->html, out_file_check }, { files->hgrm, hgrm_check },
	};
	size_t i;
	int err;

	if (is_stdout(files->hgrm)) {
		cli_error(verb, "--hgrm wants a folder, as each case is a file there");
		return EXIT_USAGE;
	}
	if (is_stdout(files->json) + is_stdout(files->csv) + is_stdout(files->html) > 1) {
		cli_error(verb, "only one of --json, --csv and --html can be the standard output");
		return EXIT_USAGE;
	}
	if (check_same(files, verb, undone))
		return EXIT_USAGE;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		err = all[i].path ? all[i].check(all[i].path) : 0;
		if (!err)
			continue;
		cli_error(verb, "cannot write %s: %s; %s", all[i].path, strerror(-err), undone);
		return EXIT_SYSTEM;
	}
	return EXIT_OK;
}

static int written(const char *path, int err, const char *verb)
{
	if (!err)
		return EXIT_OK;
	cli_error(verb, "cannot write %s: %s", path, strerror(-err));
	return EXIT_SYSTEM;
}

int report_files_write(const struct report_files *files, const json_t *doc, const char *verb)
{
	const struct {
		const char *path;
		int (*print)(FILE *out, const void *doc);
	} all[] = {
		{ files->json, json_write }, { files->csv, csv_print }, { files->html, html_print },
	};
	int status = EXIT_OK;
	size_t i;

	/* One that cannot be written is no reason to lose the others */
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].path)
			status |= written(all[i].path,
					  out_file_write(all[i].path, all[i].print, doc), verb);
	if (files->hgrm)
		status |= written(files->hgrm, hgrm_write(files->hgrm, doc), verb);
	return status;
}

int report_write(const struct bench *bench, const char *verb)
{
	json_t *doc = report_document(bench);
	int status;

	if (!doc) {
		cli_error(verb, "no memory for the results");
		return EXIT_SYSTEM;
	}
	status = report_files_write(&bench->opts.files, doc, verb);
	json_decref(doc);
	return status ? status : cli_flush_stdout(verb);
}
