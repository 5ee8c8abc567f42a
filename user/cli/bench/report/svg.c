// SPDX-License-Identifier: GPL-2.0
/* Shapes and text; the axes are in svg_axis.c. */
#include "svg.h"

/* Bytes of a letter; 0 when it is not whole, as at the end of a text that was cut */
static size_t letter(const char *text)
{
	size_t i, n = 1;

	if ((*text & 0xe0) == 0xc0)
		n = 2;
	else if ((*text & 0xf0) == 0xe0)
		n = 3;
	else if ((*text & 0xf8) == 0xf0)
		n = 4;
	else if (*text & 0x80)
		return 0;
	for (i = 1; i < n; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/* What controls a terminal has no place in a page either */
void html_text(FILE *out, const char *text)
{
	size_t n;

	for (; *text; text++) {
		n = letter(text);
		if (n > 1)
			fwrite(text, n, 1, out);
		if (n != 1) {
			text += n > 1 ? n - 1 : 0;
			continue;
		}
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else
			putc(*text < ' ' || *text == 0x7f ? ' ' : *text, out);
	}
}

void svg_begin(FILE *out, unsigned int id, bool narrow, double height, const char *title,
	       const char *about)
{
	int width = narrow ? SVG_NARROW : SVG_WIDE;
	char size = narrow ? 'n' : 'w';

	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"%s\" viewBox=\"0 0 %d %.0f\" role=\"img\" "
		"aria-labelledby=\"t%u%c d%u%c\"><title id=\"t%u%c\">",
		narrow ? "narrow" : "wide", width, height, id, size, id, size, id, size);
	html_text(out, title);
	fprintf(out, "</title><desc id=\"d%u%c\">", id, size);
	html_text(out, about);
	fputs("</desc>\n", out);
}

void svg_end(FILE *out)
{
	fputs("</svg>\n", out);
}

void svg_text(FILE *out, double x, double y, const char *anchor, const char *class,
	      const char *text)
{
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">", x, y, anchor,
		class);
	html_text(out, text);
	fputs("</text>\n", out);
}

void svg_label(FILE *out, double x, double y, const char *anchor, const char *name)
{
	char text[4 * SVG_LABEL + sizeof("…")];
	size_t i, n, end = 0;

	for (i = 0; i < SVG_LABEL && name[end]; i++) {
		n = letter(name + end);
		end += n ? n : 1;
	}
	snprintf(text, sizeof(text), "%.*s%s", (int)end, name, name[end] ? "…" : "");
	svg_text(out, x, y, anchor, "label", text);
}

void svg_line(FILE *out, const char *class, double x1, double y1, double x2, double y2)
{
	fprintf(out, "<path class=\"%s\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", class, x1, y1, x2, y2);
}

void svg_mark(FILE *out, unsigned int style, bool hollow, double x, double y,
	      const char *about)
{
	static const char *const shapes[SVG_STYLES + 1] = {
		"m-4.2 0a4.2 4.2 0 1 0 8.4 0a4.2 4.2 0 1 0-8.4 0z",	/* a circle */
		"m-3.8-3.8h7.6v7.6h-7.6z",				/* a square */
		"m0-5.2l5.2 5.2l-5.2 5.2l-5.2-5.2z",			/* a diamond */
		"m0-5l4.8 8.6h-9.6z",					/* triangles */
		"m0 5l4.8-8.6h-9.6z",
		"m-5 0l8.6 4.8v-9.6z",
		"m5 0l-8.6 4.8v-9.6z",
		"m-1.6-4.8h3.2v3.2h3.2v3.2h-3.2v3.2h-3.2v-3.2h-3.2v-3.2h3.2z",	/* a cross */
		"m-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0z",
	};

	fprintf(out, "<path class=\"%c%u\" d=\"M%.1f %.1f%s\">", hollow ? 'h' : 'm', style, x, y,
		shapes[style]);
	if (about) {
		fputs("<title>", out);
		html_text(out, about);
		fputs("</title>", out);
	}
	fputs("</path>\n", out);
}
