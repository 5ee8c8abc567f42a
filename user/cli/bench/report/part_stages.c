// SPDX-License-Identifier: GPL-2.0
/* Where the time of a message goes, stage by stage. */
#include <stdlib.h>
#include <string.h>

#include "bars.h"
#include "doc.h"
#include "page.h"

#define LABEL_SIZE	64

/**
 * struct stages - of all paths, as the picture needs them
 * @labels: of the paths, LABEL_SIZE each
 * @n: how many paths
 * @n_parts: how many stages, of all of them together
 * @legend: each name once, as far as there are colours
 */
struct stages {
	char (*labels)[LABEL_SIZE];
	struct bar *bars;
	size_t n;
	struct bar_part *parts;
	size_t n_parts;
	struct bar_part legend[SVG_STYLES];
	size_t n_legend;
};

/* The colour of a name; those beyond share the last one */
static unsigned int style_of(struct stages *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n_legend; i++)
		if (!strcmp(s->legend[i].name, name))
			return s->legend[i].style;
	if (i == SVG_STYLES)
		return SVG_OTHER;
	s->legend[i] = (struct bar_part){ .name = name, .style = (unsigned int)i };
	s->n_legend++;
	return (unsigned int)i;
}

/* As people would write it */
static const char *stage_words(const char *name)
{
	if (!strcmp(name, "system_call"))
		return "system call";
	if (!strcmp(name, "wake_up"))
		return "wake-up";
	return name;
}

/* How they were found, where that is not by differences */
static const char *method_words(const json_t *path)
{
	return strcmp(doc_text(path, "method", ""), "tracepoints") ? "" : ", traced";
}

static void add_path(struct stages *s, const json_t *path)
{
	struct bar *bar = &s->bars[s->n];
	char size[SVG_TEXT];
	const json_t *stage;
	const char *name;
	size_t i;

	*bar = (struct bar){ .label = s->labels[s->n], .first = s->n_parts };
	snprintf(s->labels[s->n], LABEL_SIZE, "%.24s, %s%s", doc_text(path, "transport", ""),
		 svg_number(doc_number(path, "size_bytes"), SVG_BYTES, size), method_words(path));
	json_array_foreach(json_object_get(path, "stages"), i, stage) {
		name = stage_words(doc_text(stage, "name", ""));
		s->parts[s->n_parts++] = (struct bar_part){
			.name = name, .value = doc_number(stage, "ns"), .style = style_of(s, name),
		};
	}
	bar->n = s->n_parts - bar->first;
	if (bar->n)
		snprintf(bar->note, sizeof(bar->note), "%.60s",
			 placement_words(doc_text(path, "placement", "")));
	else
		snprintf(bar->note, sizeof(bar->note), "%.120s", doc_text(path, "status", ""));
	s->n++;
}

static void print_stage(FILE *out, const json_t *path, const json_t *stage)
{
	const json_t *range = json_object_get(stage, "ns_range");

	fputs("<tr>", out);
	cell_text(out, doc_text(path, "transport", ""));
	cell_number(out, doc_number(path, "size_bytes"));
	cell_text(out, placement_words(doc_text(path, "placement", "")));
	cell_text(out, doc_text(path, "method", ""));
	cell_text(out, stage_words(doc_text(stage, "name", "")));
	cell_number(out, doc_number(stage, "ns"));
	cell_number(out, doc_item(range, 0));
	cell_number(out, doc_item(range, 1));
	fputs("</tr>\n", out);
}

static void print_numbers(struct page *page, const json_t *paths)
{
	static const char *const heads[] = {
		"transport", "#bytes", "placement", "by", "stage", "#median", "#least", "#most",
		NULL,
	};
	const json_t *path, *stage;
	size_t i, k;

	page_data(page);
	table_begin(page->out, page_time_unit(page), heads);
	json_array_foreach(paths, i, path)
		json_array_foreach(json_object_get(path, "stages"), k, stage)
			print_stage(page->out, path, stage);
	table_end(page->out);
	page_data_end(page);
}

static void print(struct page *page, const json_t *paths, struct stages *s)
{
	const json_t *path;
	size_t i;

	json_array_foreach(paths, i, path)
		add_path(s, path);
	page_part(page, "Where the time goes", "A message on its way through each path, stage by "
		  "stage, and what that takes; a stage that comes to less than nothing is only in "
		  "the table. What is traced takes longer by what its tracing costs.");
	bars_print(page->out, page_picture(page, "Stages of a message"), &(struct bars){
		.title = "Stages of a message", .about = "Stages of a message, by path",
		.quantity = page->time, .bars = s->bars, .n = s->n, .parts = s->parts,
		.legend = s->legend, .n_legend = s->n_legend,
	});
	print_numbers(page, paths);
}

void part_stages(struct page *page)
{
	const json_t *paths = json_object_get(page->doc, "decomposition"), *path;
	size_t i, n = json_array_size(paths), n_parts = 0;
	struct stages s = { 0 };

	json_array_foreach(paths, i, path)
		n_parts += json_array_size(json_object_get(path, "stages"));
	if (!n_parts)
		return;
	s.labels = calloc(n, LABEL_SIZE);
	s.bars = calloc(n, sizeof(*s.bars));
	s.parts = calloc(n_parts, sizeof(*s.parts));
	if (s.labels && s.bars && s.parts)
		print(page, paths, &s);
	else
		page->failed = true;
	free(s.labels);
	free(s.bars);
	free(s.parts);
}
